import { addDays } from '../domain/dates.ts';
import { UsageError } from '../domain/errors.ts';
import { formatMinor } from '../domain/money.ts';
import { STATEMENT_SECTIONS, type Statement, type StatementPayout } from '../domain/statement.ts';
import { writeCsv } from '../formats/list-csv.ts';
import type { PaperName } from '../formats/paper/pages.ts';
import type { StatementWriter } from '../services/statement/statement-files.ts';
import type { Invocation } from './command.ts';
import { csvCell } from './output/cells.ts';
import { columnsOf, toRecord, type Amount } from './output/columns.ts';
import { plainJson, plainTexts } from './output/plain-text.ts';

/** A line of a statement's file: a balance, an entry, or a sum of what reviews and payouts took or gave. */
interface FileLine {
  readonly section: string;
  readonly date: string;
  readonly instance?: string | undefined;
  readonly account?: string | null;
  readonly accountName?: string | undefined;
  readonly occurred?: string;
  readonly product?: string | null;
  readonly reference?: string | null;
  readonly kind?: string;
  readonly rule?: number | null;
  readonly ratePpm?: number | null;
  readonly base?: Amount;
  readonly amount: Amount;
}

const c = columnsOf<FileLine>();

/** No customer is named but by the code of the account, unless the programme lets partners know. */
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
  c.text('account_name', (row) => row.accountName),
  c.date('occurred_on', (row) => row.occurred),
];

/** From opening to closing: the amounts between the two add up to the difference. */
function linesOf({ content, entries }: Statement): FileLine[] {
  const { currency, period, totals } = content;
  const last = addDays(period.to, -1);
  const money = (minor: string, sign = 1n) => ({ minor: sign * BigInt(minor), currency });
  return [
    { section: 'opening', date: period.from, amount: money(totals.opening) },
    ...STATEMENT_SECTIONS.flatMap((section) =>
      entries
        .filter((entry) => entry.section === section)
        .map(({ amount, base, base_currency, rate_ppm, ...entry }) => ({
          ...entry,
          accountName: content.names.accounts[`${entry.instance}/${entry.account}`],
          ratePpm: rate_ppm,
          base: { minor: BigInt(base), currency: base_currency },
          amount: money(amount),
        })),
    ),
    ...content.rejections.map(({ date, instance, verdict, reason, amount }) => ({
      ...{ section: 'rejected', date, instance, reference: reason, kind: verdict },
      amount: money(amount, -1n),
    })),
    ...content.payouts.flatMap((payout) =>
      payoutLines(payout)
        .filter(([, minor]) => minor !== 0n)
        .map(([section, minor]) => ({
          ...{ section, date: payout.date, reference: payout.number, kind: payout.status },
          amount: { minor, currency },
        })),
    ),
    { section: 'closing', date: last, amount: money(totals.closing) },
  ];
}

/**
 * What a step of a payout did to what the partner has. Tax and fee are taken as it leaves and given back as it fails or comes back;
 * it is paid when it arrives.
 */
function payoutLines({ was, status, ...payout }: StatementPayout): (readonly [string, bigint])[] {
  const [withheld, fees, sent] = [BigInt(payout.withheld), BigInt(payout.fees), BigInt(payout.sent)];
  const taken = (sign: bigint): (readonly [string, bigint])[] => [
    ['withheld', -sign * withheld],
    ['fees', -sign * fees],
  ];
  switch (status) {
    case 'processing':
      return taken(1n);
    case 'completed':
      return [['paid', -sent]];
    case 'failed':
    case 'cancelled':
      return taken(-1n);
    case 'returned':
      return [...(was === 'completed' ? [['returned', sent] as const] : []), ...taken(-1n)];
    default:
      return [];
  }
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
  const { number, corrects, voided, takenAt, madeBy, contentHash } = statement;
  return {
    ...{ number, corrects, voided, taken_at: takenAt, made_by: madeBy, content_hash: contentHash, names },
    ...(written(facts) as object),
    lines: linesOf({ content, ...statement }).map((line) => toRecord(columns, line)),
  };
}

/** What of the model is an amount in its currency, by name. */
const AMOUNTS = new Set(
  'opening entries rejected paid withheld fees returned closing wallet in_transit amount gross sent earned'.split(' '),
);

/** What writes statements in a format. Of a PDF, all that printing needs is opened here, once. */
export async function statementWriter(
  { print }: Pick<Invocation, 'print'>,
  {
    format = 'csv',
    paper,
  }: { readonly format?: 'csv' | 'json' | 'pdf' | undefined; readonly paper?: PaperName | undefined },
): Promise<StatementWriter> {
  if (paper !== undefined && format !== 'pdf') {
    throw new UsageError('paper_unasked', '--paper is of a PDF', { hint: 'give --format pdf, too' });
  }
  if (format === 'json') {
    return { ending: 'json', branded: false, write: (statement) => `${plainJson(documentOf(statement), 2)}\n` };
  }
  if (format === 'csv') return { ending: 'csv', branded: false, write: csvOf };
  const { openStatementPrinter } = await import('../formats/paper/statement-pdf.ts');
  const printed = await openStatementPrinter({ paper: paper ?? 'a4', actorsClaimed: print.actorsClaimed });
  return {
    ending: 'pdf',
    branded: true,
    write: async (statement, brand) => await printed(plainTexts(statement), plainTexts(brand)),
  };
}

const csvOf = (statement: Statement): string =>
  writeCsv(
    columns.map(({ name }) => name),
    linesOf(statement).map((line) => columns.map(({ kind, cell }) => csvCell(kind, cell(line)))),
  );
