import { commissionsOfEvent, openHoldsOf, type HoldRow } from '../../db/queries/commissions.ts';
import { takenBackBy, thresholdOfEntry } from '../../db/queries/reviews.ts';
import { businessDate } from '../../domain/dates.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import type { Commission } from './commission-view.ts';
import { explainCommission, type AwaitedRate, type ExplainedEvent, type Explanation } from './explain-commission.ts';

export interface WhyNot extends Explanation {
  /** What stands between the event and a payment, each with what would change it. */
  readonly obstacles: readonly Obstacle[];
}

interface Obstacle {
  readonly code: string;
  readonly text: string;
  readonly remedy: string | null;
}

const ZERO_TEXT: Readonly<Record<string, { text: string; remedy: string | null }>> = {
  no_rule: {
    text: 'no rule covers it',
    remedy: 'revshare rule set … with a scope that contains it, for sales to come',
  },
  excluded: {
    text: 'an exclusion covers it',
    remedy: 'a rule at a narrower scope with --include lifts it, for sales to come',
  },
  zero_rate: { text: 'the rule that wins pays 0 %', remedy: 'a rule at a narrower scope, for sales to come' },
  rule_currency: {
    text: 'the rule that wins pays a fixed amount in another currency',
    remedy: 'a rule in the currency of the sale',
  },
  zero_sale: { text: 'the sale, or the margin that its rate is taken of, is 0', remedy: null },
  over_collected: {
    text: 'more was collected than the sale is worth; the sale had earned all of it already',
    remedy: null,
  },
  sale_unknown: {
    text: 'the sale it belongs to has no recorded payment yet',
    remedy: 'import the payment; it then counts by itself',
  },
  no_agreement: { text: 'nobody had an agreement for the instance on the date of the sale', remedy: null },
  house_partner: { text: 'the partner is the house, which never earns', remedy: null },
  percentage_only: {
    text: 'a credit without a sale follows the percentage part of a rule, and this rule has none',
    remedy: 'map sale_ref, so that credits find their sale',
  },
  no_base: {
    text: 'the rule that wins pays a part of the margin, and nobody said what the sale cost',
    remedy: 'map wholesale_net, or let one subscription be in force at its date, for sales to come',
  },
  no_account: {
    text: 'the rule that wins counts per account, and the sale names none',
    remedy: 'map account, for sales to come',
  },
  self_referral: { text: 'the partner earns of this sale already, at a level below', remedy: null },
  first_sale_only: {
    text: 'the account was won under a rule that pays for its first sale only, and this is a later one',
    remedy: null,
  },
  earning_ended: { text: 'the months that the account earns for were over on the date of the sale', remedy: null },
  product_limit: {
    text: 'the rule that wins is limited to other products',
    remedy: 'add the product to the rule, for sales to come; no wider rule steps in',
  },
  territory: {
    text: 'the customer is outside the territory of the rule that wins, or nobody said where it is',
    remedy: 'say where it is (country of the event or of the account), or widen the rule, for sales to come',
  },
  below_minimum_sale: { text: 'the sale is smaller than the rule that wins wants', remedy: null },
  cap_reached: { text: 'the cap of the rule was used up by earlier sales of its window', remedy: null },
  share_cap: {
    text: 'the shares below it come to all that a sale may pay out',
    remedy: '`revshare settings get share_cap` tells how much that is',
  },
  reattributed: { text: 'the share went to somebody else when the account did', remedy: null },
  rounds_to_zero: { text: 'its share is less than half of the smallest unit', remedy: null },
  unchanged: { text: 'it did not change what the sale has earned', remedy: null },
};

/** Why an event earned nothing, or why what it earned is not payable. Reads only; throws as explainCommission does. */
export async function whyNotCommission(ctx: Context, reference: string): Promise<WhyNot> {
  const explanation = await explainCommission(ctx, reference);
  const today = businessDate(ctx.clock.now(), ctx.zone);
  const obstacles: Obstacle[] = [];
  const { event } = explanation;
  if (explanation.waitsFor !== null) obstacles.push(rateObstacle(explanation.waitsFor, today));
  if (!explanation.decided && explanation.waitsFor === null) {
    obstacles.push({
      code: 'undecided',
      text: `it is not accrued yet (business date ${event.occurredOn})`,
      remedy: `revshare job run accrue-commissions${event.occurredOn > today ? `, from ${event.occurredOn} on` : ''}`,
    });
  }
  for (const entry of explanation.entries) {
    if (Number(entry.amount) === 0) {
      const reason = entry.reason ?? 'unchanged';
      obstacles.push({ code: reason, ...(ZERO_TEXT[reason] ?? { text: reason, remedy: null }) });
      continue;
    }
    if (!entry.posted) {
      obstacles.push({
        code: 'unposted',
        text: 'its run was interrupted before posting',
        remedy: 'revshare job run accrue-commissions',
      });
    }
    for (const hold of await holdsOf(ctx, event, entry)) {
      obstacles.push({
        code: hold.reason,
        text: `held since ${hold.since} by ${hold.by}`,
        remedy: holdRemedy(hold.reason, entry),
      });
    }
    if (entry.status === 'pending') obstacles.push(await waiting(ctx, entry));
    if (entry.status === 'rejected' || entry.status === 'cancelled') {
      obstacles.push({ code: entry.status, text: await takenBackText(ctx, entry), remedy: null });
      continue;
    }
    if (entry.payableOn > today) {
      obstacles.push({ code: 'not_yet_payable', text: `payable on ${entry.payableOn}`, remedy: null });
    }
  }
  return { ...explanation, obstacles };
}

/** A negative is approved with what it takes back (SEMANTICS §4); everything else by somebody. */
async function waiting(ctx: Context, { entry, amount, currency }: Commission): Promise<Obstacle> {
  if (amount.startsWith('-')) {
    return {
      code: 'pending',
      text: 'what it takes back is not approved yet: it is approved with that, and rejected with it',
      remedy: null,
    };
  }
  const approve = `revshare commission approve ${entry}`;
  const [event, leg] = entry.split('.').map(Number) as [number, number];
  const threshold = await thresholdOfEntry(ctx.db, event, leg);
  return threshold !== null && parseDecimal(amount, currency) > BigInt(threshold)
    ? {
        code: 'pending',
        text: `it is above the review threshold of ${formatMinor(BigInt(threshold), currency)} ${currency}: a person looks at it`,
        remedy: approve,
      }
    : {
        code: 'pending',
        text: 'it is not approved yet',
        remedy: `${approve}, or job run approve-due where that is the policy`,
      };
}

async function takenBackText(ctx: Context, { entry, status }: Commission): Promise<string> {
  const review = await takenBackBy(ctx.db, entry);
  return review === null ? `it was ${status}` : `${status} by ${review.by} (review ${review.id}): ${review.reason}`;
}

function rateObstacle({ base, quote, on, known }: AwaitedRate, today: string): Obstacle {
  const accrue = `revshare job run accrue-commissions --for ${today}`;
  return known
    ? {
        code: 'waiting',
        text: `it had to wait for a rate ${base}/${quote} of ${on}, which is known by now`,
        remedy: accrue,
      }
    : {
        code: 'fx_rate_missing',
        text: `it waits for a rate ${base}/${quote} of ${on}, or of the days before that it may be taken from`,
        remedy: `revshare fx import FILE, then ${accrue}; \`revshare fx rate ${base} ${quote} --on ${on}\` tells what is looked for`,
      };
}

/** What lifts a hold: a partner's and an instance's are lifted with what made them. */
function holdRemedy(reason: string, entry: Commission): string | null {
  if (reason === 'partner_frozen') return `revshare partner activate ${entry.partner}`;
  if (reason === 'instance_suspended') return `revshare instance resume ${entry.instance} --reason …`;
  return `revshare commission release ${entry.entry} --reason ${reason}`;
}

async function holdsOf(ctx: Context, event: ExplainedEvent, entry: Commission): Promise<HoldRow[]> {
  if (entry.status !== 'held') {
    return [];
  }
  const row = (await commissionsOfEvent(ctx.db, event.id)).find(
    (candidate) => `${candidate.eventId}.${candidate.leg}` === entry.entry,
  );
  return row === undefined ? [] : await openHoldsOf(ctx.db, row);
}
