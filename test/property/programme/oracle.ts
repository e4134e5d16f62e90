import { between, nearest } from './arithmetic.ts';
import {
  collectedOf,
  keyOf,
  postedOf,
  sharesOf,
  soldOf,
  tallyOf,
  type History,
  type OracleLeg,
  type Share,
  type Sold,
} from './history.ts';
import { freeze } from './shares.ts';
import { trueUps } from './true-up.ts';
import {
  inOrder,
  isBilled,
  type Billed,
  type Giving,
  type Programme,
  type Rerating,
  type Step,
  type Voiding,
} from './words.ts';

/**
 * A second opinion on money, written from SEMANTICS §2 to §5 alone. It shares no code with src, keeps nothing between
 * two steps but what it said before, looks nothing up in an index and starts every sum again from the first event: slow
 * and plain, so that it can only be wrong in other ways than the engine.
 */
export function oracleDecide(programme: Programme): OracleLeg[] {
  const steps = inOrder(programme.steps);
  const decided: OracleLeg[] = [];
  for (const [index, step] of steps.entries()) {
    const history: History = { programme, decided, stage: step.stage, steps: steps.slice(0, index + 1) };
    decided.push(...decide(history, step));
  }
  return decided;
}

function decide(history: History, step: Step): OracleLeg[] {
  if (isBilled(step)) return decideBilled(history, step);
  switch (step.kind) {
    case 'void':
      return decideVoid(history, step);
    case 'rerate':
    case 'reattribution':
      return decideAnew(history, step);
    case 'close_windows':
      return trueUps(history, step);
    case 'bonus':
    case 'write_off':
    case 'opening':
      return [given(step)];
  }
}

const UNKNOWN: Share = {
  leg: 0,
  partner: null,
  rule: null,
  isRated: false,
  base: 0n,
  full: 0n,
  currency: '',
  window: null,
  position: null,
  zero: 'sale_unknown',
};

function decideBilled(history: History, event: Billed): OracleLeg[] {
  const key = keyOf(event);
  const said = { step: event.id, of: key, instance: event.instance };
  const sold = soldOf(history, key);
  if (sold === null) return [{ ...UNKNOWN, ...said, currency: event.currency, amount: 0n, reason: 'sale_unknown' }];
  if (sold.isCredit) {
    return freeze(history, sold).map((share) => {
      return { ...share, ...said, amount: share.full, reason: share.full === 0n ? share.zero : 'unlinked_credit' };
    });
  }
  const frozen = sharesOf(history, key);
  const shares = frozen.length > 0 ? frozen : freeze(history, sold);
  const still = event.sale === null ? 'unchanged' : stillness(history, event, sold.net);
  return shares.map((share) => ({ ...share, ...said, ...towards(history, share, sold, still) }));
}

/** The event counts as nothing from now on; one outside any sale takes back what it posted. */
function decideVoid(history: History, step: Voiding): OracleLeg[] {
  const { decided, programme } = history;
  const event = programme.steps.find(({ id }) => id === step.voids)!;
  if (isBilled(event) && event.sale !== null) {
    const key = keyOf(event);
    const said = { step: step.id, of: key, instance: event.instance };
    const sold = soldOf(history, key);
    if (sold === null) return [{ ...UNKNOWN, ...said, currency: event.currency, amount: 0n, reason: 'sale_unknown' }];
    return sharesOf(history, key).map((share) => ({
      ...share,
      ...said,
      ...towards(history, share, sold, 'unchanged'),
    }));
  }
  const key = isBilled(event) ? keyOf(event) : decided.find((leg) => leg.step === event.id)!.of;
  return sharesOf(history, key).map((share) => {
    const amount = -postedOf(history, key, share.leg);
    const reason = amount === 0n ? (share.zero ?? 'unchanged') : null;
    return {
      ...share,
      step: step.id,
      of: key,
      instance: decided.find(({ of }) => of === key)!.instance,
      amount,
      reason,
    };
  });
}

/** All shares frozen anew by what is known now; one that is nobody's any more goes back to nothing. */
function decideAnew(history: History, step: Rerating): OracleLeg[] {
  const key = step.sale === null ? `event ${step.event}` : `sale ${step.sale}`;
  const sold = soldOf(history, key)!;
  const posted = (leg: number): bigint => postedOf(history, key, leg);
  const before = sharesOf(history, key);
  const anew = freeze(history, sold).map((share): Share => {
    const currency = before.find(({ leg }) => leg === share.leg)?.currency ?? share.currency;
    return share.full === 0n && posted(share.leg) !== 0n ? { ...share, currency } : share;
  });
  // What was posted can be taken back in its own currency only: refused.
  const isMixed = ({ leg, currency }: Share): boolean =>
    posted(leg) !== 0n && before.some((share) => share.leg === leg && share.currency !== currency);
  if (anew.some(isMixed)) return [];
  const gone = before
    .filter(({ leg }) => !anew.some((share) => share.leg === leg))
    .map((share): Share => ({ ...share, ...GONE }));
  const said = { step: step.id, of: key, instance: sold.instance };
  return [...anew, ...gone]
    .sort((a, b) => a.leg - b.leg)
    .map((share) => {
      const { amount, reason } = towards(history, share, sold, 'unchanged');
      // What is nothing from now on says so beside what it gives back.
      return { ...share, ...said, amount, reason: reason ?? share.zero };
    });
}

/** Decided by whose it is, and by no rule. */
const GONE = { rule: null, base: 0n, full: 0n, window: null, position: null, zero: 'reattributed' };

function given({ id, instance, partner, currency, amount }: Giving): OracleLeg {
  const share = { ...UNKNOWN, partner, currency, full: amount, zero: null };
  // SEMANTICS §4: an amount, or zero with its reason
  return { ...share, step: id, of: `gift ${id}`, instance, amount, reason: amount === 0n ? 'unchanged' : null };
}

/** What a share posts so that all it has posted is what its sale now deserves, or why that is nothing. */
function towards(
  history: History,
  share: Share,
  { key, net }: Sold,
  still: string,
): Pick<OracleLeg, 'amount' | 'reason'> {
  const collected = collectedOf(tallyOf(history.steps, key), net);
  const target = net === 0n ? 0n : nearest(share.full * collected, net);
  const amount = target - postedOf(history, key, share.leg);
  if (amount !== 0n) return { amount, reason: null };
  // Cash above a sale of nothing is called that; elsewhere, why a share is nothing goes first.
  return { amount, reason: net === 0n && still === 'over_collected' ? still : (share.zero ?? still) };
}

/** Why an event moves nothing where there is something to earn. */
function stillness({ steps }: History, event: Billed, saleNet: bigint): 'over_collected' | 'unchanged' {
  const before = tallyOf(steps.slice(0, -1), keyOf(event));
  const { received, returned, credited } = tallyOf(steps, keyOf(event));
  const isCash = ['payment', 'chargeback_won', 'refund', 'chargeback'].includes(event.kind) && event.net !== 0n;
  const isAbove = received - returned > between(0n, saleNet - credited, saleNet);
  const stood = collectedOf(before, saleNet) === collectedOf({ received, returned, credited }, saleNet);
  return isCash && isAbove && stood ? 'over_collected' : 'unchanged';
}
