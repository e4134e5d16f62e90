import { addDays } from '../../../domain/dates.ts';
import { formatMinor } from '../../../domain/money.ts';
import { STATEMENT_SECTIONS, type Statement } from '../../../domain/statement.ts';
import { writeCsv } from '../../../formats/list-csv.ts';
import type { StatementWriter } from '../../../services/statement/write-statements.ts';
import { csvCell } from '../../output/cells.ts';
import { columnsOf, toRecord, type Amount } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';

/** A line of a statement's file: a balance, an entry, or a sum of what reviews and payouts took or gave. */
interface FileLine {
  readonly section: string;
  readonly date: string;
  readonly instance?: string | undefined;
  readonly account?: string | null;
  readonly product?: string | null;
  readonly reference?: string | null;
  readonly kind?: string;
  readonly rule?: number | null;
  readonly ratePpm?: number | null;
  readonly base?: Amount;
  readonly amount: Amount;
}

const c = columnsOf<FileLine>();

/** No customer is named but by the code of the account. */
const columns = [
  c.code('section', (row) => row.section),
  c.date('date', (row) => row.date),
  c.code('instance', (row) => row.instance),
  c.text('account', (row) => row.account),
  c.code('product', (row) => row.product),
  c.text('reference', (row) => row.reference),
  c.code('kind', (row) => row.kind),
  c.number('rule', (row) => row.rule),
  c.rate('rate', (row) => row.ratePpm),
  c.money('base', (row) => row.base),
  c.code('base_currency', (row) => row.base?.currency),
  c.money('amount', (row) => row.amount),
  c.code('currency', (row) => row.amount.currency),
];

/** From opening to closing: the amounts between the two add up to the difference. */
function linesOf({ content, entries }: Statement): FileLine[] {
  const { currency, period, totals } = content;
  const last = addDays(period.to, -1);
  const money = (minor: string, sign = 1n) => ({ minor: sign * BigInt(minor), currency });
  const sums: readonly (readonly [string, Amount])[] = [
    ['paid', money(totals.paid, -1n)],
    ['withheld', money(totals.withheld, -1n)],
    ['fees', money(totals.fees, -1n)],
    ['returned', money(totals.returned)],
  ];
  return [
    { section: 'opening', date: period.from, amount: money(totals.opening) },
    ...STATEMENT_SECTIONS.flatMap((section) =>
      entries
        .filter((entry) => entry.section === section)
        .map(({ amount, base, base_currency, rate_ppm, ...entry }) => ({
          ...entry,
          ratePpm: rate_ppm,
          base: { minor: BigInt(base), currency: base_currency },
          amount: money(amount),
        })),
    ),
    ...content.rejections.map(({ date, instance, verdict, reason, amount }) => ({
      ...{ section: 'rejected', date, instance, reference: reason, kind: verdict },
      amount: money(amount, -1n),
    })),
    ...sums.filter(([, { minor }]) => minor !== 0n).map(([section, amount]) => ({ section, date: last, amount })),
    { section: 'closing', date: last, amount: money(totals.closing) },
  ];
}

/** The model itself, amounts as decimal strings, with the entries. */
function documentOf({ content, ...statement }: Statement) {
  const { names, ...facts } = content;
  const written = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(written);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        AMOUNTS.has(name) && typeof one === 'string' ? formatMinor(BigInt(one), content.currency) : written(one),
      ]),
    );
  };
  const { number, corrects, voided, takenAt, contentHash } = statement;
  return {
    ...{ number, corrects, voided, taken_at: takenAt, content_hash: contentHash, names },
    ...(written(facts) as object),
    lines: linesOf({ content, ...statement }).map((line) => toRecord(columns, line)),
  };
}

/** What of the model is an amount in its currency, by name. */
const AMOUNTS = new Set(
  'opening entries rejected paid withheld fees returned closing wallet in_transit amount gross sent'.split(' '),
);

export const STATEMENT_WRITERS: Readonly<Record<'csv' | 'json', StatementWriter>> = {
  csv: {
    ending: 'csv',
    write: (statement) =>
      writeCsv(
        columns.map(({ name }) => name),
        linesOf(statement).map((line) => columns.map(({ kind, cell }) => csvCell(kind, cell(line)))),
      ),
  },
  json: { ending: 'json', write: (statement) => `${plainJson(documentOf(statement), 2)}\n` },
};
