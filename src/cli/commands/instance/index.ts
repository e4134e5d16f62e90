import { instanceFinancials, type Financials } from '../../../services/instance/instance-financials.ts';
import {
  instanceHistory,
  listInstances,
  showInstance,
  type AgreementRow,
  type InstanceChange,
  type InstanceDetails,
  type InstanceStatusChange,
} from '../../../services/instance/list-instances.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { parseDate } from '../../../domain/dates.ts';
import { argument, option } from '../../parameters.ts';
import { create } from './create.ts';
import { instanceRows, oneShop, soldThere } from './rows.ts';
import { resume, suspend } from './status.ts';
import { transfer } from './transfer.ts';

const list = listCommand({
  ...instanceRows,
  filters: {
    tenant: option('--tenant <code>', 'only those of this tenant'),
    partner: option('--partner <code>', 'only those where this partner earns now'),
    status: option('--status <status>', 'only those', { choices: ['active', 'suspended'] as const }),
  },
  query: async (ctx, filter, page) => await listInstances(ctx, filter, page),
  whenEmpty: '`revshare instance create CODE --tenant T --partner P --name NAME` makes one',
  examples: [
    { command: 'instance list', setup: oneShop },
    { command: 'instance list --partner acme -o id', setup: oneShop },
  ],
});

const c = columnsOf<AgreementRow>();
const t = columnsOf<InstanceStatusChange>();

const show = showCommand<InstanceDetails>({
  ...instanceRows,
  description:
    'Shows an instance: its founding partner, who earns there now, every agreement as it is known now, every suspension ' +
    'and resumption.',
  sections: [
    section(
      'agreements',
      [
        c.code('partner', (row) => row.partner),
        c.date('from', (row) => row.valid.from),
        c.date('to', (row) => row.valid.to),
        c.number('known_seq', (row) => row.knownSeq),
        c.actor('created_by', (row) => row.createdBy),
        c.instant('recorded_at', (row) => row.recordedAt),
      ],
      (row) => row.agreements,
    ),
    section(
      'suspensions',
      [
        t.code('status', (row) => row.status),
        t.date('effective_on', (row) => row.effectiveOn),
        t.text('reason', (row) => row.reason),
        t.actor('created_by', (row) => row.createdBy),
        t.instant('recorded_at', (row) => row.recordedAt),
      ],
      (row) => row.suspensions,
    ),
  ],
  find: showInstance,
  examples: [{ command: 'instance show acme-shop', setup: oneShop }],
});

const h = columnsOf<InstanceChange>();

const history = listCommand({
  noun: 'change',
  plural: 'changes',
  verb: 'history',
  summary: 'list what became of an instance: agreements, suspensions, resumptions',
  description:
    'Lists everything that became of an instance in the order in which it was said, also agreements that others have ' +
    'replaced since. `to` is as it was said then.',
  id: (row) => row.what,
  columns: [
    h.code('what', (row) => row.what),
    h.date('from', (row) => row.from),
    h.date('to', (row) => row.to),
    h.code('partner', (row) => row.partner),
    h.text('reason', (row) => row.reason),
    h.number('request', (row) => row.request),
    h.number('known_seq', (row) => row.knownSeq, { detail: true }),
    h.actor('by', (row) => row.by),
    h.instant('recorded_at', (row) => row.recordedAt),
  ],
  filters: { code: argument<string>('CODE', 'the instance') },
  query: async (ctx, filter, page) => await instanceHistory(ctx, filter.code, page),
  examples: [
    { command: 'instance history acme-shop', setup: oneShop },
    {
      command: 'instance history acme-shop --json',
      setup: [...soldThere, 'instance suspend acme-shop --reason "invoice unpaid" --confirm acme-shop'],
    },
  ],
});

const f = columnsOf<Financials>();

const financials = listCommand({
  noun: 'currency',
  plural: 'currencies',
  verb: 'financials',
  summary: 'show the books of an instance: revenue, commission, balance, wholesale',
  description:
    'Shows what an instance took in and what its partners earned of it, per currency: revenue is payments less returns; ' +
    'commission is what was earned and not taken back, and made of pending, held, approved, processing (in a payout) and ' +
    'paid; the balance is that of its wallets in the ledger; margin is revenue less what the operator charged for it. ' +
    'Period revenue is that of --period, by default of the month. Everything is summed from the facts when asked, with ' +
    '--as-of as it was posted up to that date.',
  id: (row) => row.currency,
  columns: [
    f.code('currency', (row) => row.currency),
    f.money('revenue', (row) => row.revenue),
    f.money('period_revenue', (row) => row.periodRevenue),
    f.money('commission', (row) => row.commission),
    f.money('pending', (row) => row.pending),
    f.money('held', (row) => row.held),
    f.money('approved', (row) => row.approved),
    f.money('processing', (row) => row.processing, { aside: true }),
    f.money('paid', (row) => row.paid),
    f.money('balance', (row) => row.balance),
    f.money('wholesale', (row) => row.wholesale, { aside: true }),
    f.money('margin', (row) => row.margin, { aside: true }),
    f.instant('last_updated', (row) => row.updatedAt, { detail: true }),
  ],
  filters: {
    code: argument<string>('CODE', 'the instance'),
    asOf: option('--as-of <date>', 'posting dates up to this one; default all', { read: parseDate }),
  },
  dated: 'business date of the period revenue',
  paged: false,
  async query(ctx, { code, asOf }, _, window) {
    const asked = window.from === null && window.to === null ? {} : { period: window };
    return await instanceFinancials(ctx, code, { asOf, ...asked });
  },
  whenEmpty: 'nothing was sold there yet',
  examples: [
    { command: 'instance financials acme-shop', setup: soldThere },
    { command: 'instance financials acme-shop --as-of 2026-10-31 --period 2026-10 --json', setup: soldThere },
  ],
});

export const commands: readonly Command[] = [create, list, show, history, suspend, resume, transfer, financials];
