import { programmeRow } from '../../db/queries/programme.ts';
import {
  insertTierTerms,
  retireTierTerms,
  tierTermsVersions,
  type TierSays,
  type TierTermsRow,
} from '../../db/queries/tier-terms.ts';
import type { Connection } from '../../db/connection.ts';
import { assertSomeDay, rangeText } from '../../domain/date-ranges.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findTier } from '../partner/find-partner.ts';
import { setRule } from '../rule/set-rule.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, type VersionStore } from '../versions/say-over.ts';
import { tiersOn, type Tier } from './tier-view.ts';

/** What is to be said of a tier; undefined leaves what was, null takes a benefit away. */
export interface NewTierTerms {
  /** A month, in the programme's currency, as typed. */
  readonly minRevenue?: string | undefined;
  readonly minCustomers?: number | undefined;
  readonly support?: string | null | undefined;
  readonly accountManager?: boolean | undefined;
  readonly apiCallsHour?: number | null | undefined;
  /** Whatever else it gives, by name. */
  readonly benefits?: Readonly<Record<string, string | null>> | undefined;
  /** '20%': its rule, without a product. */
  readonly rate?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Says over `[from, to)` what a tier asks, gives and pays; what is not given stays, what was said on those days is retired
 * and kept. Evaluations that were made keep what they were made by. Writes, unless it says exactly this already.
 * Throws NotFoundError `tier_not_found`, UsageError `nothing_to_change`, `window_empty` and for what cannot be read,
 * RefusedError `thresholds_fall`, and for a rate as `setRule`.
 */
export async function setTier(
  ctx: Context,
  code: string,
  input: NewTierTerms,
): Promise<{ readonly tier: Tier; readonly changed: boolean }> {
  const { from = today(ctx), to = null, rate, ...said } = input;
  const speaks = Object.values(said).some((value) => value !== undefined);
  if (!speaks && rate === undefined) {
    throw new UsageError('nothing_to_change', `nothing is said of tier ${code}`, {
      hint: '`revshare tier set --help` lists what may be',
    });
  }
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    await findTier(tx, code);
    let changed = false;
    if (speaks) {
      const change = await changeOf(tx, input);
      changed = await sayOver(termsStore(tx, code), days, change, drawOnce(tx, `tier ${code} set ${rangeText(days)}`));
      if (changed) await assertRising(tx, from);
    }
    if (rate !== undefined) changed = (await setRate(ctx, tx, code, rate, days)) || changed;
    return { tier: (await tiersOn(tx, from)).find((one) => one.tier === code)!, changed };
  });
}

/** What the five tiers of a programme's beginning pay. Source: SEMANTICS §8. */
export const USUAL_RATES = { bronze: '10%', silver: '15%', gold: '20%', platinum: '25%', diamond: '30%' } as const;

/**
 * Makes a rule of each tier that pays its usual rate from a day on; a programme has none until somebody says so, for a rule
 * is money. Writes, unless they say this already. Throws as `setRule`.
 */
export async function setUsualRates(
  ctx: Context,
  from: string = today(ctx),
): Promise<{ tiers: Tier[]; changed: boolean }> {
  return await ctx.write(async (tx) => {
    let changed = false;
    for (const [code, rate] of Object.entries(USUAL_RATES)) {
      changed = (await setRate(ctx, tx, code, rate, { from, to: null })) || changed;
    }
    return { tiers: await tiersOn(tx, from), changed };
  });
}

async function setRate(
  ctx: Context,
  tx: Connection,
  code: string,
  percentage: string,
  { from, to }: { readonly from: string; readonly to: string | null },
): Promise<boolean> {
  // The rule is set as by `rule set`, in this transaction.
  const within: Context = { ...ctx, write: async (work) => await work(tx) };
  const scope = { kind: 'tier', code } as const;
  return (await setRule(within, { scope, percentage, from, to: to ?? undefined })).changed;
}

function termsStore(tx: Connection, tier: string): VersionStore<TierSays> {
  return {
    read: async () => (await tierTermsVersions(tx, tier)).map((row) => ({ ...row, says: saysOf(row) })),
    retire: async (ids, knownSeq) => await retireTierTerms(tx, ids, knownSeq),
    insert: async ({ valid, says, knownSeq }) => await insertTierTerms(tx, { ...says, tier, valid, knownSeq }),
    text: ({ minRevenueMinor, benefits, ...says }) =>
      JSON.stringify([String(minRevenueMinor), Object.entries(benefits).sort(), says]),
  };
}

const saysOf = (row: TierTermsRow): TierSays => ({
  minRevenueMinor: row.minRevenueMinor,
  minCustomers: row.minCustomers,
  support: row.support,
  accountManager: row.accountManager,
  apiCallsHour: row.apiCallsHour,
  benefits: row.benefits,
});

/** Of a tier of which nothing is said on some day. */
const NOTHING: TierSays = {
  minRevenueMinor: 0n,
  minCustomers: 0,
  support: null,
  accountManager: false,
  apiCallsHour: null,
  benefits: {},
};

async function changeOf(tx: Connection, input: NewTierTerms): Promise<(was: TierSays | null) => TierSays> {
  const { minRevenue, minCustomers, support, accountManager, apiCallsHour, benefits = {} } = input;
  const { currency } = (await programmeRow(tx))!;
  const minRevenueMinor = minRevenue === undefined ? undefined : parseDecimal(minRevenue, currency);
  if (minRevenueMinor !== undefined && minRevenueMinor < 0n) {
    throw new UsageError('amount_negative', `'${minRevenue}' is below 0: nobody turns over less to be in a tier`);
  }
  const given = {
    ...(minRevenueMinor === undefined ? {} : { minRevenueMinor }),
    ...(minCustomers === undefined ? {} : { minCustomers }),
    ...(support === undefined ? {} : { support }),
    ...(accountManager === undefined ? {} : { accountManager }),
    ...(apiCallsHour === undefined ? {} : { apiCallsHour }),
  };
  return (was) => {
    const before = was ?? NOTHING;
    const all = { ...before.benefits, ...benefits };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
    return { ...before, ...given, benefits: Object.fromEntries(kept) };
  };
}

/** @throws RefusedError `thresholds_fall` where a higher tier asks for less than a lower one, on a day or any later one */
async function assertRising(tx: Connection, from: string): Promise<void> {
  const starts = (await tierTermsVersions(tx)).flatMap(({ retiredSeq, valid }) =>
    retiredSeq === null && valid.from !== null && valid.from > from ? [valid.from] : [],
  );
  for (const day of [from, ...new Set(starts)]) {
    const tiers = await tiersOn(tx, day);
    const falls = tiers.find((tier, index) => {
      const below = tiers[index - 1];
      return (
        below !== undefined && (tier.minRevenueMinor < below.minRevenueMinor || tier.minCustomers < below.minCustomers)
      );
    });
    if (falls !== undefined) {
      throw new RefusedError('thresholds_fall', `on ${day} ${falls.tier} would ask for less than the tier below it`, {
        hint: '`revshare tier list` shows what each asks for; change the lower one first',
      });
    }
  }
}
