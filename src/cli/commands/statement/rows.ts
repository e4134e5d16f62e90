import type { StatementGroup, StatementPayout, StatementRejection } from '../../../domain/statement.ts';
import type { StatementDetails, StatementView } from '../../../services/statement/list-statements.ts';
import type { Example } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';

const s = columnsOf<StatementView>();

/** What a partner was told of a period in one currency. */
export const statementRows: NounRows<StatementView> = {
  noun: 'statement',
  plural: 'statements',
  id: (row) => row.number,
  columns: [
    s.code('number', (row) => row.number),
    s.code('partner', (row) => row.partner),
    s.date('period_start', (row) => row.periodFrom),
    s.date('period_end', (row) => row.periodLast),
    s.money('opening', (row) => row.opening),
    s.money('entries', (row) => row.entries),
    s.money('rejected', (row) => row.rejected, { detail: true }),
    s.money('paid', (row) => row.paid),
    s.money('withheld', (row) => row.withheld, { detail: true }),
    s.money('fees', (row) => row.fees, { detail: true }),
    s.money('returned', (row) => row.returned, { detail: true }),
    s.money('closing', (row) => row.closing),
    s.money('in_wallet', (row) => row.wallet, { detail: true }),
    s.money('in_transit', (row) => row.inTransit, { detail: true }),
    s.code('currency', (row) => row.currency),
    s.code('status', (row) => row.status),
    s.code('corrects', (row) => row.corrects, { aside: true }),
    s.code('corrected_by', (row) => row.correctedBy, { detail: true }),
    s.text('void_reason', (row) => row.voidReason, { detail: true }),
    s.code('content_hash', (row) => row.contentHash, { detail: true }),
    s.instant('taken_at', (row) => row.takenAt, { detail: true }),
    s.actor('created_by', (row) => row.createdBy, { detail: true }),
  ],
};

/** Rows of what it says, each with the currency that its amounts are of. */
function told<R>(list: (row: StatementDetails) => readonly R[]) {
  return (row: StatementDetails) => list(row).map((one) => ({ ...one, currency: row.currency }));
}
type Told<R> = R & { readonly currency: string };
const minor = (amount: string, currency: string) => ({ minor: BigInt(amount), currency });

const g = columnsOf<Told<StatementGroup>>();
const r = columnsOf<Told<StatementRejection>>();
const p = columnsOf<Told<StatementPayout>>();
const h = columnsOf<Told<StatementDetails['content']['holds'][number]>>();
const w = columnsOf<Told<StatementDetails['content']['standing'][number]>>();
const i = columnsOf<Told<StatementDetails['content']['instances'][number]>>();
const y = columnsOf<Told<StatementDetails['content']['year']>>();

export const statementSections = [
  section(
    'instances',
    [
      i.code('instance', (row) => row.instance),
      i.money('opening', (row) => minor(row.opening, row.currency)),
      i.money('entries', (row) => minor(row.entries, row.currency)),
      i.money('rejected', (row) => minor(row.rejected, row.currency)),
      i.money('paid', (row) => minor(row.paid, row.currency)),
      i.money('withheld', (row) => minor(row.withheld, row.currency)),
      i.money('fees', (row) => minor(row.fees, row.currency)),
      i.money('returned', (row) => minor(row.returned, row.currency)),
      i.money('closing', (row) => minor(row.closing, row.currency)),
    ],
    told((row) => row.content.instances),
  ),
  section(
    'entries_by_rule',
    [
      g.code('section', (row) => row.section),
      g.code('instance', (row) => row.instance),
      g.code('kind', (row) => row.kind),
      g.number('rule', (row) => row.rule),
      g.text('scope', (row) => row.scope),
      g.rate('rate', (row) => row.rate_ppm),
      g.number('entries', (row) => row.entries),
      g.money('amount', (row) => minor(row.amount, row.currency)),
    ],
    told((row) => row.content.groups),
  ),
  section(
    'rejections',
    [
      r.date('date', (row) => row.date),
      r.code('instance', (row) => row.instance),
      r.code('verdict', (row) => row.verdict),
      r.text('reason', (row) => row.reason),
      r.number('entries', (row) => row.entries),
      r.money('amount', (row) => minor(row.amount, row.currency)),
    ],
    told((row) => row.content.rejections),
  ),
  section(
    'payouts',
    [
      p.date('date', (row) => row.date),
      p.code('number', (row) => row.number),
      p.code('status', (row) => row.status),
      p.money('gross', (row) => minor(row.gross, row.currency)),
      p.money('withheld', (row) => minor(row.withheld, row.currency)),
      p.money('fees', (row) => minor(row.fees, row.currency)),
      p.money('sent', (row) => minor(row.sent, row.currency)),
      p.text('reason', (row) => row.reason),
    ],
    told((row) => row.content.payouts),
  ),
  section(
    'holds',
    [
      h.code('of', (row) => row.of),
      h.code('reason', (row) => row.reason),
      h.date('from', (row) => row.from),
      h.date('released', (row) => row.released),
    ],
    told((row) => row.content.holds),
  ),
  section(
    'standing',
    [
      w.code('status', (row) => row.status),
      w.date('from', (row) => row.from),
      w.number('entries', (row) => row.entries),
      w.money('amount', (row) => minor(row.amount, row.currency)),
    ],
    told((row) => row.content.standing),
  ),
  section(
    'year_to_date',
    [
      y.date('from', (row) => row.from),
      y.money('opening', (row) => minor(row.totals.opening, row.currency)),
      y.money('entries', (row) => minor(row.totals.entries, row.currency)),
      y.money('rejected', (row) => minor(row.totals.rejected, row.currency)),
      y.money('paid', (row) => minor(row.totals.paid, row.currency)),
      y.money('withheld', (row) => minor(row.totals.withheld, row.currency)),
      y.money('fees', (row) => minor(row.totals.fees, row.currency)),
      y.money('returned', (row) => minor(row.totals.returned, row.currency)),
    ],
    told((row) => [row.content.year]),
  ),
];

const setup = [...ONE_PAYMENT, ACCRUAL];

/** A command that works once October has earnings; and once its statement is made. */
export const withEarnings = (command: string): Example => ({ command, setup });
export const withStatement = (command: string): Example => ({
  command,
  setup: [...setup, 'statement generate --all --period 2026-10'],
});
