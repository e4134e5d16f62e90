import { programmeRow } from '../../db/queries/programme.ts';
import { loadFxRates, settingAsKnown } from '../../db/queries/rule-book.ts';
import type { NewEvaluation } from '../../db/queries/tier-evaluations.ts';
import type { PartnerMeasures, StandingRow } from '../../db/queries/tier-standings.ts';
import { tierTermsVersions } from '../../db/queries/tier-terms.ts';
import type { Connection } from '../../db/connection.ts';
import type { FxRates } from '../../domain/fx.ts';
import { effectiveFrom } from '../../domain/tiers/dates.ts';
import { DEFAULT_TIER_POLICY, evaluateTier, type Step, type TierPolicy } from '../../domain/tiers/evaluate.ts';
import { revenueIn, type CountedAmount } from '../../domain/tiers/revenue.ts';

/** An exchange rate without which nobody can say what a partner turned over. */
export interface MissingRate {
  readonly from: string;
  readonly to: string;
  readonly on: string;
}

export const NO_MEASURES: PartnerMeasures = { amounts: [], customers: 0 };

/**
 * Everything but a partner's own that its evaluation at a month-end is made from, as known at a number: the thresholds and
 * the policy of that day, the rates of it, and up to where sales are decided.
 */
export class TierEvaluator {
  readonly evaluatedOn: string;
  readonly policy: TierPolicy;
  readonly ladder: readonly Step[];
  readonly currency: string;
  readonly #rates: FxRates;

  private constructor(terms: Pick<TierEvaluator, 'evaluatedOn' | 'policy' | 'ladder' | 'currency'>, rates: FxRates) {
    this.evaluatedOn = terms.evaluatedOn;
    this.policy = terms.policy;
    this.ladder = terms.ladder;
    this.currency = terms.currency;
    this.#rates = rates;
  }

  /** Reads only. */
  static async load(tx: Connection, evaluatedOn: string, knownSeq: number): Promise<TierEvaluator> {
    const { currency } = (await programmeRow(tx))!;
    const terms = (await tierTermsVersions(tx)).filter(
      ({ valid: { from, to }, knownSeq: since, retiredSeq }) =>
        (from === null || from <= evaluatedOn) &&
        (to === null || evaluatedOn < to) &&
        since <= knownSeq &&
        (retiredSeq === null || retiredSeq > knownSeq),
    );
    const ladder = terms.map(({ tier, rank, minRevenueMinor, minCustomers }) => ({
      tier,
      rank,
      minRevenue: minRevenueMinor,
      minCustomers,
    }));
    const policy = await tierPolicy(tx, evaluatedOn, knownSeq);
    return new TierEvaluator({ evaluatedOn, policy, ladder, currency }, await loadFxRates(tx, knownSeq));
  }

  /** What a partner is found to have and what follows, or the rate that is missing for it. */
  evaluate(
    { amounts, customers }: PartnerMeasures,
    standing: StandingRow,
    lastAccrued: string | null,
  ): NewEvaluation | MissingRate {
    const counted = this.counted(amounts);
    if ('on' in counted) return counted;
    const revenue = revenueIn(this.currency, counted);
    const { partnerId, tier, since, misses, pin } = standing;
    const effectiveOn = effectiveFrom(this.evaluatedOn, lastAccrued, since);
    const pinned = pin !== null && pin.until >= effectiveOn;
    const verdict = evaluateTier(
      { revenue, customers },
      { ...standing, pinned },
      this.ladder,
      this.policy,
      effectiveOn,
    );
    return {
      ...verdict,
      partnerId,
      amounts: counted,
      revenue,
      customers,
      tierFrom: tier,
      since,
      missesBefore: misses,
      pinId: pinned ? pin.id : null,
      effectiveOn,
    };
  }

  /** Each amount with the rate of the month-end by which it counts, or the rate that is missing. */
  counted(amounts: PartnerMeasures['amounts']): readonly CountedAmount[] | MissingRate {
    const counted: CountedAmount[] = [];
    for (const { currency, minor } of amounts) {
      if (currency === this.currency) {
        counted.push({ currency, minor, rate: null });
        continue;
      }
      const found = this.#rates.find(currency, this.currency, this.evaluatedOn);
      if (found === null) return { from: currency, to: this.currency, on: this.evaluatedOn };
      counted.push({ currency, minor, rate: found.rate });
    }
    return counted;
  }
}

export function isMissingRate(found: NewEvaluation | MissingRate): found is MissingRate {
  return 'on' in found;
}

/** Why a partner cannot be evaluated, and what helps. */
export function toldMissingRate(partner: string, { from, to, on }: MissingRate): string {
  return `${partner} is not evaluated: there is no rate ${from}/${to} on ${on}; \`revshare fx import\` brings it`;
}

async function tierPolicy(tx: Connection, day: string, knownSeq: number): Promise<TierPolicy> {
  const said = async <T>(name: string, unsaid: T): Promise<T> => {
    const versions = await settingAsKnown(tx, name, knownSeq);
    const version = versions.find(
      ({ instanceId, from, to }) => instanceId === null && (from === null || from <= day) && (to === null || day < to),
    );
    return version === undefined ? unsaid : (version.value as T);
  };
  return {
    mode: await said('tier_mode', DEFAULT_TIER_POLICY.mode),
    months: await said('tier_window', DEFAULT_TIER_POLICY.months),
    grace: await said('tier_grace', DEFAULT_TIER_POLICY.grace),
    tenureMonths: await said('tier_tenure_months', DEFAULT_TIER_POLICY.tenureMonths),
  };
}
