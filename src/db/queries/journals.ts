import type { AccountingProfile, JournalGrouping, JournalMovement, JournalTarget } from '../../domain/accounting.ts';
import type { AccountType } from '../../domain/chart.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { CHART_ORDER } from './ledger.ts';
import type { Page } from './order.ts';

/** Journals that were handed over (drizzle/0035), and what they are made of. */

export interface JournalRow extends AsOf {
  readonly id: number;
  readonly number: number;
  readonly startsOn: string;
  readonly format: JournalTarget;
  readonly currency: string | null;
  readonly grouping: JournalGrouping;
  readonly profile: AccountingProfile | null;
  /** Numbers of the journal that this one takes back, and of the one that takes this one back. */
  readonly reverses: number | null;
  readonly reversedBy: number | null;
  readonly dated: string | null;
  readonly reason: string | null;
  readonly totals: Readonly<Record<string, string>>;
  readonly entries: number;
  readonly contentHash: string;
  readonly fileName: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface JournalFilter {
  readonly number?: number | undefined;
  /** Of its file. */
  readonly contentHash?: string | undefined;
  readonly startsOn?: string | undefined;
  readonly format?: JournalTarget | undefined;
  /** Only those that are not taken back and take nothing back. */
  readonly live?: boolean | undefined;
}

/** Journals, the latest first. */
export async function selectJournals(tx: Connection, filter: JournalFilter, page: Page): Promise<JournalRow[]> {
  const { number = null, contentHash = null, startsOn = null, format = null, live = false } = filter;
  return [
    ...(await tx.sql<JournalRow[]>`
      select j.id::int, j.number::int, j.starts_on as "startsOn", j.format, j.currency, j.grouping, j.profile, o.number::int as reverses,
        n.number::int as "reversedBy", j.dated, j.reason, j.totals, j.entries, j.content_hash as "contentHash", j.file_name as "fileName",
        to_char(j.taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant, j.seen::text as snapshot,
        j.created_by as "createdBy", j.recorded_at as "recordedAt"
      from journals j left join journals o on o.id = j.reverses_id left join journals n on n.reverses_id = j.id
      where (${number}::bigint is null or j.number = ${number}) and (${contentHash}::text is null or j.content_hash = ${contentHash})
        and (${startsOn}::date is null or j.starts_on = ${startsOn})
        and (${format}::text is null or j.format = ${format}) and (not ${live}::boolean or not j.reversed and j.reverses_id is null)
      order by j.number desc limit ${page.limit} offset ${page.offset}`),
  ];
}

/** The number that the next journal has; nobody else gets it before the commit. */
export async function nextJournalNumber(tx: Connection): Promise<number> {
  const [row] = await tx.sql<{ number: number }[]>`select next_journal_number()::int as number`;
  return row!.number;
}

export async function insertJournal(
  tx: Connection,
  made: Omit<JournalRow, 'id' | 'reversedBy' | 'reverses' | 'createdBy' | 'recordedAt'> & {
    readonly reversesId: number | null;
  },
): Promise<void> {
  const profile = made.profile === null ? null : JSON.stringify(made.profile);
  await tx.sql`
    insert into journals (number, starts_on, format, currency, grouping, profile, reverses_id, dated, reason, totals, entries, content_hash,
      file_name, taken_at, seen)
    values (${made.number}, ${made.startsOn}, ${made.format}, ${made.currency}, ${made.grouping}, ${profile}::text::jsonb, ${made.reversesId},
      ${made.dated}, ${made.reason}, ${JSON.stringify(made.totals)}::text::jsonb, ${made.entries}, ${made.contentHash}, ${made.fileName},
      ${made.instant}, ${made.snapshot})`;
}

/**
 * What the transfers of some posting dates `[from, to)` moved, as of a moment, by day, currency, kind, kind of account and
 * partner; in that order, which is the order of the entries that are made of it.
 */
export async function journalMovements(
  { sql }: Connection,
  { from, to }: { readonly from: string; readonly to: string },
  currency: string | null,
  asOf: AsOf,
): Promise<JournalMovement[]> {
  const side = (account: 'debit_id' | 'credit_id') => `
    select t.posting_date, t.kind, t.${account} as account, ${account === 'debit_id' ? 't.amount_minor' : '0'} as debit,
      ${account === 'credit_id' ? 't.amount_minor' : '0'} as credit
    from transfers t
    where t.posting_date >= ${quoteLiteral(from)}::date and t.posting_date < ${quoteLiteral(to)}::date
      and exists (select from postings g where g.id = t.posting_id and ${knownAsOf(asOf, 'g')})`;
  const rows = await sql.unsafe<
    {
      date: string;
      currency: string;
      kind: string;
      account: AccountType;
      partner: string | null;
      debit: string;
      credit: string;
    }[]
  >(`
    select s.posting_date as date, a.currency, s.kind, a.type as account, p.code as partner, sum(s.debit)::text as debit, sum(s.credit)::text as credit
    from (${side('debit_id')} union all ${side('credit_id')}) s
    join ledger_accounts a on a.id = s.account left join partners p on p.id = a.partner_id
    where ${currency === null ? 'true' : `a.currency = ${quoteLiteral(currency)}`}
    group by s.posting_date, a.currency, s.kind, a.type, p.code
    order by s.posting_date, a.currency, s.kind collate "C", ${CHART_ORDER}, p.code collate "C"`);
  return rows.map(({ debit, credit, ...row }) => ({ ...row, debit: BigInt(debit), credit: BigInt(credit) }));
}
