import { list } from '../arrays.ts';
import type { FxRate, RecordedRate } from '../../domain/fx.ts';
import type { Connection } from '../connection.ts';
import type { Page } from './order.ts';

/** A recorded rate and how it came to be known. */
export interface FxRateRow extends FxRate {
  readonly knownSeq: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface FxFilter {
  readonly base?: string | undefined;
  readonly quote?: string | undefined;
  readonly source?: string | undefined;
  /** Days of the rates, `[from, to)`. */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  /** As known at this change; by default now. */
  readonly known?: number | undefined;
}

/** Conditions on fx_rates `r` that pick pairs and days. */
const picked = (tx: Connection, filter: FxFilter) => tx.sql`
  (${filter.base ?? null}::text is null or r.base = ${filter.base ?? null})
  and (${filter.quote ?? null}::text is null or r.quote = ${filter.quote ?? null})
  and (${filter.from ?? null}::date is null or r.rate_date >= ${filter.from ?? null}::date)
  and (${filter.to ?? null}::date is null or r.rate_date < ${filter.to ?? null}::date)`;

const COLUMNS = `r.base, r.quote, r.rate_date as date, r.rate, r.source, r.known_seq::int as "knownSeq", r.created_by as "createdBy",
  r.recorded_at as "recordedAt"`;

/** Of each pair and day the rate that was known, newest day first. */
export async function selectFxRates(tx: Connection, filter: FxFilter, page: Page): Promise<FxRateRow[]> {
  const known = filter.known ?? null;
  const source = filter.source ?? null;
  return [
    ...(await tx.sql<FxRateRow[]>`
      select * from (
        select distinct on (r.rate_date, r.base collate "C", r.quote collate "C") ${tx.sql.unsafe(COLUMNS)} from fx_rates r
        where ${picked(tx, filter)} and (${known}::bigint is null or r.known_seq <= ${known}::bigint)
        order by r.rate_date desc, r.base collate "C", r.quote collate "C", r.known_seq desc
      ) k where ${source}::text is null or k.source = ${source}
      order by date desc, base collate "C", quote collate "C" limit ${page.limit} offset ${page.offset}`),
  ];
}

/** Everything that was ever said of a pair on a day, in the order in which it became known. */
export async function fxRateHistory(
  tx: Connection,
  { base, quote, date }: Pick<FxRate, 'base' | 'quote' | 'date'>,
): Promise<FxRateRow[]> {
  return [
    ...(await tx.sql<FxRateRow[]>`
      select ${tx.sql.unsafe(COLUMNS)} from fx_rates r
      where r.base = ${base} and r.quote = ${quote} and r.rate_date = ${date} order by r.known_seq`),
  ];
}

/**
 * The rates that were known at a number, one a pair and day, in the order of the days; those of some currencies, or all, and
 * as one source says them, or whoever was the last to.
 */
export async function fxRatesKnownAt(
  tx: Connection,
  knownSeq: number,
  among: readonly string[] | null = null,
  source: string | null = null,
): Promise<RecordedRate[]> {
  const codes = among === null ? null : list(among);
  return [
    ...(await tx.sql<RecordedRate[]>`
      select distinct on (r.base, r.quote, r.rate_date) r.id::int, r.base, r.quote, r.rate_date as date, r.rate, r.source from fx_rates r
      where r.known_seq <= ${knownSeq} and (${source}::text is null or r.source = ${source})
        and (${codes}::text[] is null or (r.base = any (${codes}::text[]) and r.quote = any (${codes}::text[])))
      order by r.base, r.quote, r.rate_date, r.known_seq desc`),
  ];
}

/** Recorded rates, in the order in which they are named. */
export async function fxRatesById(tx: Connection, ids: readonly number[]): Promise<RecordedRate[]> {
  return [
    ...(await tx.sql<RecordedRate[]>`
      select r.id::int, r.base, r.quote, r.rate_date as date, r.rate, r.source
      from unnest(${list(ids)}::bigint[]) with ordinality wanted (id, n) join fx_rates r on r.id = wanted.id order by wanted.n`),
  ];
}

/** A rate that is not in the books as it is said now. */
export interface UnknownFxRate {
  /** Its place among those asked about. */
  readonly index: number;
  /** What the books say of its pair and day; null where they say nothing. */
  readonly known: { readonly rate: string; readonly source: string; readonly knownSeq: number } | null;
}

/** Of these rates, those that the books do not know, or know otherwise; in their order. */
export async function unknownFxRates(tx: Connection, rates: readonly FxRate[]): Promise<UnknownFxRate[]> {
  const rows = await tx.sql<{ index: number; rate: string | null; source: string; knownSeq: number }[]>`
    select i.n::int - 1 as index, k.rate, k.source, k.known_seq::int as "knownSeq"
    from unnest(${list(rates.map(({ base }) => base))}::text[], ${list(rates.map(({ quote }) => quote))}::text[],
      ${list(rates.map(({ date }) => date))}::date[], ${list(rates.map(({ rate }) => rate))}::numeric[])
      with ordinality i (base, quote, rate_date, rate, n)
    left join lateral (
      select * from fx_rates r where r.base = i.base and r.quote = i.quote and r.rate_date = i.rate_date order by r.known_seq desc limit 1
    ) k on true
    where k.rate is distinct from i.rate order by i.n`;
  return rows.map(({ index, rate, source, knownSeq }) => ({
    index,
    known: rate === null ? null : { rate, source, knownSeq },
  }));
}

/** Makes rates known under a number, in one statement. */
export async function insertFxRates(tx: Connection, rates: readonly FxRate[], knownSeq: number): Promise<void> {
  await tx.sql`
    insert into fx_rates (base, quote, rate_date, rate, source, known_seq)
    select i.*, ${knownSeq} from unnest(${list(rates.map(({ base }) => base))}::text[], ${list(rates.map(({ quote }) => quote))}::text[],
      ${list(rates.map(({ date }) => date))}::date[], ${list(rates.map(({ rate }) => rate))}::numeric[],
      ${list(rates.map(({ source }) => `"${source}"`))}::text[]) i`;
}
