import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadFxRates } from '../../db/queries/rule-book.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import type { FoundRate } from '../../domain/fx.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

export interface AskedRate {
  readonly base: string;
  readonly quote: string;
  /** Default today in the programme's zone. */
  readonly on?: string | undefined;
  /** As known at this change; default now. */
  readonly known?: number | undefined;
}

export interface FxAnswer extends FoundRate {
  readonly base: string;
  readonly quote: string;
  readonly on: string;
  readonly knownSeq: number;
}

/**
 * The rate that a sale of a day would be converted at, and how it is found: by the very lookup that rating asks. Reads
 * only. Throws UsageError `fx_pair`, RefusedError `fx_rate_missing`.
 */
export async function findFxRate(ctx: Context, asked: AskedRate): Promise<FxAnswer> {
  const { base, quote, on = today(ctx), known } = asked;
  if (base === quote) throw new UsageError('fx_pair', `${base} is worth itself`, { hint: 'name two currencies' });
  const knownSeq = known ?? (await latestKnownSeq(ctx.db));
  const rates = await loadFxRates(ctx.db, knownSeq, { base, quote });
  const found = rates.find(base, quote, on);
  if (found !== null) return { ...found, base, quote, on, knownSeq };
  const over = [base, quote].includes(rates.pivot) ? '' : `, nor a way over ${rates.pivot}`;
  throw new RefusedError(
    'fx_rate_missing',
    `there is no rate ${base}/${quote} on ${on}: neither it nor ${quote}/${base} from ${rates.servesFrom(on)} to ${on}${over}`,
    { hint: 'import rates with `revshare fx import`; `revshare fx list` shows what there is' },
  );
}
