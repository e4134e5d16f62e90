import { CHART, type AccountType } from '../../domain/chart.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { CURRENCIES_WITH_UNIT, copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import type { Page } from './order.ts';

/**
 * Up to where the ledger is read: by posting dates up to a date, inclusive, which may grow as long as its period is open;
 * or what had been posted at a moment, which never changes. Null: all of it.
 */
export type LedgerUntil = { readonly date: string } | { readonly moment: AsOf } | null;

/** The condition that a transfer `t` counts. */
function counts(until: LedgerUntil): string {
  if (until === null) return 'true';
  if ('date' in until) return `t.posting_date <= ${quoteLiteral(until.date)}::date`;
  return `exists (select from postings g where g.id = t.posting_id and ${knownAsOf(until.moment, 'g')})`;
}

/** What every account was debited and credited with; `id`, `debit`, `credit` and how many `transfers`. */
function movedAccounts(until: LedgerUntil): string {
  return `(
    select id, sum(debit) as debit, sum(credit) as credit, sum(transfers) as transfers from (
      select t.debit_id as id, sum(t.amount_minor) as debit, 0 as credit, count(*) as transfers from transfers t where ${counts(until)} group by 1
      union all
      select t.credit_id, 0, sum(t.amount_minor), count(*) from transfers t where ${counts(until)} group by 1
    ) sides group by 1)`;
}

export interface TrialBalanceRow {
  readonly account: AccountType;
  readonly currency: string;
  readonly debit: string;
  readonly credit: string;
}

/** What each kind of account was debited and credited with, per currency, in minor units. */
export async function trialBalanceRows(tx: Connection, until: LedgerUntil): Promise<TrialBalanceRow[]> {
  return [
    ...(await tx.sql.unsafe<TrialBalanceRow[]>(`
      select a.type as account, a.currency, sum(x.debit)::text as debit, sum(x.credit)::text as credit
      from ${movedAccounts(until)} x join ledger_accounts a on a.id = x.id
      group by 1, 2 order by 2, 1`)),
  ];
}

export interface LedgerFilter {
  readonly type?: AccountType | undefined;
  readonly partner?: string | undefined;
  readonly instance?: string | undefined;
  readonly currency?: string | undefined;
}

/** The condition that an account `alias` is meant. */
const meant = (tx: Connection, filter: LedgerFilter, alias: string) => {
  const column = (name: string) => tx.sql.unsafe(`${alias}.${name}`);
  const { type = null, partner = null, instance = null, currency = null } = filter;
  return tx.sql`(
    (${type}::text is null or ${column('type')} = ${type})
    and (${partner}::text is null or ${column('partner_id')} = (select id from partners where code = ${partner}))
    and (${instance}::text is null or ${column('instance_id')} = (select id from instances where code = ${instance}))
    and (${currency}::text is null or ${column('currency')} = ${currency}))`;
};

export interface LedgerAccountRow {
  readonly type: AccountType;
  readonly partner: string | null;
  readonly instance: string | null;
  readonly currency: string;
  readonly transfers: number;
  readonly debit: string;
  readonly credit: string;
}

/** Accounts by kind, partner, instance and currency, with what was posted to them; in minor units. */
export async function ledgerAccountRows(
  tx: Connection,
  filter: LedgerFilter,
  until: LedgerUntil,
  page: Page,
): Promise<LedgerAccountRow[]> {
  return [
    ...(await tx.sql<LedgerAccountRow[]>`
      select a.type, p.code as partner, i.code as instance, a.currency, coalesce(x.transfers, 0)::float8 as transfers,
        coalesce(x.debit, 0)::text as debit, coalesce(x.credit, 0)::text as credit
      from ledger_accounts a
      left join ${tx.sql.unsafe(movedAccounts(until))} x on x.id = a.id
      left join partners p on p.id = a.partner_id left join instances i on i.id = a.instance_id
      where ${meant(tx, filter, 'a')}
      order by ${tx.sql.unsafe(CHART_ORDER)}, p.code collate "C", i.code collate "C", a.currency limit ${page.limit} offset ${page.offset}`),
  ];
}

/** As the chart has them. */
export const CHART_ORDER = `array_position(array[${Object.keys(CHART).map(quoteLiteral).join(', ')}], a.type)`;

export interface TransferRow {
  readonly id: number;
  readonly date: string;
  readonly kind: string;
  readonly currency: string;
  readonly amount: string;
  readonly posting: number;
  readonly debitType: AccountType;
  readonly debitPartner: string | null;
  readonly debitInstance: string | null;
  readonly creditType: AccountType;
  readonly creditPartner: string | null;
  readonly creditInstance: string | null;
  readonly by: string;
  readonly recordedAt: string;
}

/** Transfers with both their accounts; the aliases are d and c for the accounts, p and i with them for whose they are. */
const ACCOUNTS_OF_TRANSFER = `join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id`;
const TRANSFERS = `
  transfers t ${ACCOUNTS_OF_TRANSFER}
  left join partners dp on dp.id = d.partner_id left join instances di on di.id = d.instance_id
  left join partners cp on cp.id = c.partner_id left join instances ci on ci.id = c.instance_id`;

const TRANSFER_COLUMNS = `t.id::float8 as id, t.posting_date as date, t.kind, d.currency, t.amount_minor::text as amount, t.posting_id::float8 as posting,
  d.type as "debitType", dp.code as "debitPartner", di.code as "debitInstance",
  c.type as "creditType", cp.code as "creditPartner", ci.code as "creditInstance", t.created_by as "by", t.recorded_at as "recordedAt"`;

/** Transfers by posting date `[from, to)` and number, of which one side is an account that is meant; in minor units. */
export async function transferRows(
  tx: Connection,
  filter: LedgerFilter & { readonly kind?: string | undefined },
  window: { readonly from: string | null; readonly to: string | null },
  until: LedgerUntil,
  page: Page,
): Promise<TransferRow[]> {
  const { kind = null } = filter;
  return [
    ...(await tx.sql<TransferRow[]>`
      select ${tx.sql.unsafe(TRANSFER_COLUMNS)} from ${tx.sql.unsafe(TRANSFERS)}
      where (${meant(tx, filter, 'd')} or ${meant(tx, filter, 'c')}) and (${kind}::text is null or t.kind = ${kind})
        and (${window.from}::date is null or t.posting_date >= ${window.from}::date) and (${window.to}::date is null or t.posting_date < ${window.to}::date)
        and ${tx.sql.unsafe(counts(until))}
      order by t.posting_date, t.id limit ${page.limit} offset ${page.offset}`),
  ];
}

// ── Export ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Transfers by posting date `[from, to)`, as of a moment; of a partner or an instance those that touch an account of it. */
export interface LedgerSelection {
  readonly from: string;
  readonly to: string;
  readonly partnerId: number | null;
  readonly instanceId: number | null;
  readonly currency: string | null;
  readonly asOf: AsOf;
}

/** On t and the accounts d and c of its sides. */
function selected({ from, to, partnerId, instanceId, currency, asOf }: LedgerSelection): string {
  const touches = (column: string, id: number | null) =>
    id === null ? '' : ` and ${id} in (d.${column}, c.${column})`;
  return (
    `t.posting_date >= ${quoteLiteral(from)}::date and t.posting_date < ${quoteLiteral(to)}::date and ${counts({ moment: asOf })}` +
    touches('partner_id', partnerId) +
    touches('instance_id', instanceId) +
    (currency === null ? '' : ` and d.currency = ${quoteLiteral(currency)}`)
  );
}

/** The name of an account `alias` by the chart, with its partner `p` and instance `i`: `accountName` in SQL. */
export function accountNameSql(alias: 'd' | 'c'): string {
  const kinds = Object.entries(CHART).map(
    ([type, { path }]) => `when ${quoteLiteral(type)} then ${quoteLiteral(path.join(':'))}`,
  );
  return `concat_ws(':', case ${alias}.type ${kinds.join(' ')} end, ${alias}p.code, ${alias}i.code)`;
}

/** The COPY of the transfers of a selection, in the order of posting date and number. */
export function ledgerCopy(columns: readonly ExportColumn[], selection: LedgerSelection, shape: RowShape): string {
  const source = `from ${TRANSFERS}
join ${CURRENCIES_WITH_UNIT} u on u.code = d.currency
where ${selected(selection)}
order by t.posting_date, t.id`;
  return copyStatement(columns, source, shape);
}

/** How many transfers of a selection there are per currency, with what they debit and, below zero, credit. */
export async function ledgerTotals({ sql }: Connection, selection: LedgerSelection): Promise<CurrencyTotal[]> {
  const totals = await currencyTotals(
    sql,
    `select d.currency, t.amount_minor as amount from transfers t ${ACCOUNTS_OF_TRANSFER} where ${selected(selection)}`,
  );
  return totals.map((total) => ({ ...total, negative: `-${total.positive}` }));
}

export interface UsedAccount {
  readonly type: AccountType;
  readonly partner: string | null;
  readonly instance: string | null;
  readonly currencies: readonly string[];
}

/** The accounts that a selection posts to, as the chart orders them, each with its currencies. */
export async function usedAccounts({ sql }: Connection, selection: LedgerSelection): Promise<UsedAccount[]> {
  return [
    ...(await sql.unsafe<UsedAccount[]>(`
      select a.type, p.code as partner, i.code as instance, to_jsonb(array_agg(distinct a.currency order by a.currency)) as currencies
      from (
        select t.debit_id as id from transfers t ${ACCOUNTS_OF_TRANSFER} where ${selected(selection)}
        union select t.credit_id from transfers t ${ACCOUNTS_OF_TRANSFER} where ${selected(selection)}
      ) used join ledger_accounts a on a.id = used.id
      left join partners p on p.id = a.partner_id left join instances i on i.id = a.instance_id
      group by 1, 2, 3 order by ${CHART_ORDER}, p.code collate "C", i.code collate "C"`)),
  ];
}

/** A page of a selection after a transfer of the page before; null: from the beginning. */
export async function selectedTransfers(
  { sql }: Connection,
  selection: LedgerSelection,
  after: TransferRow | null,
  limit: number,
): Promise<TransferRow[]> {
  const later = after === null ? 'true' : `(t.posting_date, t.id) > (${quoteLiteral(after.date)}::date, ${after.id})`;
  return [
    ...(await sql.unsafe<TransferRow[]>(`
      select ${TRANSFER_COLUMNS} from ${TRANSFERS} where ${selected(selection)} and ${later}
      order by t.posting_date, t.id limit ${limit}`)),
  ];
}

/** The first and the last posting date of the ledger; null where nothing is posted. */
export async function ledgerSpan({ sql }: Connection): Promise<{ first: string; last: string } | null> {
  const [row] = await sql<{ first: string | null; last: string | null }[]>`
    select min(posting_date) as first, max(posting_date) as last from transfers`;
  return row!.first === null ? null : { first: row!.first, last: row!.last! };
}
