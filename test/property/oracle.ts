import type { BookEvent, BookRule, BookSale, RandomBook } from './random-book.ts';

export { randomBook, type RandomBook } from './random-book.ts';

/**
 * A second opinion on money, written from SEMANTICS §2 to §5 alone. It shares no code with src, keeps no state between
 * events, looks nothing up in an index and starts every sum again from the first event: slow and plain, so that it can
 * only be wrong in other ways than the engine.
 */
export interface OracleDecision {
  readonly id: number;
  /** Signed minor units of the event's currency. */
  readonly amount: bigint;
  /** The decision's reason code; null beside an ordinary amount. */
  readonly reason: string | null;
  /** Code of the partner that earns, or would have; null without agreement or while the sale is unknown. */
  readonly partner: string | null;
  /** Id of the rule with the last word: the winning rate or the exclusion. */
  readonly rule: number | null;
}

/**
 * Decides every event of the book, batch by batch, inside a batch by (occurred_on, id), each batch knowing only what
 * had been imported by then. Returned in the order in which they are decided.
 */
export function oracleDecide(book: RandomBook): OracleDecision[] {
  const order = [...book.events].sort(
    (a, b) => a.batch - b.batch || (a.occurredOn < b.occurredOn ? -1 : a.occurredOn > b.occurredOn ? 1 : a.id - b.id),
  );
  const decided: OracleDecision[] = [];
  for (const [position, event] of order.entries()) {
    if (event.saleRef === null) {
      decided.push(decideAlone(book, event));
      continue;
    }
    const sale = book.sales.find(({ ref }) => ref === event.saleRef)!;
    const upToNow = order.slice(0, position + 1).filter(({ saleRef }) => saleRef === event.saleRef);
    const posted = sum(upToNow.slice(0, -1).map(({ id }) => decided.find((decision) => decision.id === id)!.amount));
    decided.push(decideInSale(book, event, sale, upToNow, posted));
  }
  return decided;
}

function decideAlone(book: RandomBook, event: BookEvent): OracleDecision {
  const terms = termsOn(book, event, event.occurredOn);
  const say = (amount: bigint, reason: string | null): OracleDecision => ({
    id: event.id,
    amount,
    reason,
    partner: terms.partner,
    rule: terms.rule?.id ?? null,
  });
  const isOwnSale = event.kind === 'payment' || event.kind === 'signup';
  if (event.net === 0n) return say(0n, 'zero_sale');
  if (terms.refusal !== null) return say(0n, terms.refusal);
  const rule = terms.rule!;
  if (rule.kind === 'flat') {
    if (rule.currency !== event.currency) return say(0n, 'rule_currency');
    if (!isOwnSale) return say(0n, 'percentage_only');
  }
  const [full, reason] = fullOf(rule, event.net, event.gross);
  if (full === 0n) return say(0n, reason);
  return say(full, isOwnSale ? null : 'unlinked_credit');
}

function decideInSale(
  book: RandomBook,
  event: BookEvent,
  sale: BookSale,
  upToNow: readonly BookEvent[],
  posted: bigint,
): OracleDecision {
  const payments = book.events.filter(
    (other) => other.saleRef === sale.ref && other.kind === 'payment' && other.batch <= event.batch,
  );
  if (payments.length === 0) return { id: event.id, amount: 0n, reason: 'sale_unknown', partner: null, rule: null };
  // A sale becomes known with the first batch that holds a payment of it, and keeps the date it got then.
  const firstRecorded = payments.reduce((first, payment) => (payment.id < first.id ? payment : first));
  const saleDate = sale.saleDate ?? firstRecorded.occurredOn;

  const terms = termsOn(book, sale, saleDate);
  const say = (amount: bigint, reason: string | null): OracleDecision => ({
    id: event.id,
    amount,
    reason,
    partner: terms.partner,
    rule: terms.rule?.id ?? null,
  });

  const net = (kinds: readonly string[], events: readonly BookEvent[]): bigint =>
    sum(events.filter(({ kind }) => kinds.includes(kind)).map((one) => one.net));
  const cash = (events: readonly BookEvent[]): bigint =>
    net(['payment', 'chargeback_won', 'refund', 'chargeback'], events);
  const invoiced = (events: readonly BookEvent[]): bigint => sale.saleNet + net(['credit_note', 'adjustment'], events);
  const collected = (events: readonly BookEvent[]): bigint =>
    between(0n, least(cash(events), invoiced(events)), sale.saleNet);

  const isCash = ['payment', 'chargeback_won', 'refund', 'chargeback'].includes(event.kind) && event.net !== 0n;
  const aboveWhatIsOwed = cash(upToNow) > between(0n, invoiced(upToNow), sale.saleNet);
  const stood = collected(upToNow) === collected(upToNow.slice(0, -1));
  const still = isCash && aboveWhatIsOwed && stood ? 'over_collected' : 'unchanged';

  if (sale.saleNet === 0n) return say(0n, still === 'over_collected' ? still : 'zero_sale');
  if (terms.refusal !== null) return say(0n, terms.refusal);
  const rule = terms.rule!;
  if (rule.kind === 'flat' && rule.currency !== sale.currency) return say(0n, 'rule_currency');
  const [full, reason] = fullOf(rule, sale.saleNet, sale.saleGross);
  if (full === 0n) return say(0n, reason);

  const amount = nearest(full * collected(upToNow), sale.saleNet) - posted;
  return say(amount, amount === 0n ? still : null);
}

/** What a sale earns in full, and why when that is nothing. */
function fullOf(rule: BookRule, net: bigint, gross: bigint): [full: bigint, reason: string | null] {
  if (rule.kind === 'flat') return [rule.flatMinor!, rule.flatMinor === 0n ? 'zero_rate' : null];
  if (rule.ratePpm === 0) return [0n, 'zero_rate'];
  const base = rule.base === 'gross' ? gross : net;
  if (base === 0n) return [0n, 'zero_sale'];
  const full = nearest(base * BigInt(rule.ratePpm!), 1_000_000n);
  return [full, full === 0n ? 'rounds_to_zero' : null];
}

interface Terms {
  readonly partner: string | null;
  readonly rule: BookRule | null;
  readonly refusal: string | null;
}

/** Who earns at a place on a date, by which rule. */
function termsOn(
  book: RandomBook,
  place: { readonly instance: string; readonly account: string | null; readonly product: string | null },
  date: string,
): Terms {
  const partner = book.agreements.find((one) => one.instance === place.instance && holds(one, date))?.partner ?? null;
  if (partner === null) return { partner, rule: null, refusal: 'no_agreement' };
  const tier = book.tiers.find((one) => one.partner === partner && holds(one, date))?.tier ?? null;
  const house = book.partners.find(({ code }) => code === partner)!.house;

  /** The ten places of the order of precedence, from 0 for account+product to 9 for the programme. */
  const rank = (rule: BookRule): number | null => {
    if (rule.product !== null && rule.product !== place.product) return null;
    const named =
      (rule.scope === 'account' && place.account !== null && rule.target === `${place.instance}/${place.account}`) ||
      (rule.scope === 'instance' && rule.target === place.instance) ||
      (rule.scope === 'partner' && rule.target === partner) ||
      (rule.scope === 'tier' && tier !== null && rule.target === tier) ||
      rule.scope === 'programme';
    if (!named) return null;
    const scope = ['account', 'instance', 'partner', 'tier', 'programme'].indexOf(rule.scope);
    return 2 * scope + (rule.product === null ? 1 : 0);
  };
  const ranked = book.rules
    .filter((rule) => holds(rule, date))
    .map((rule) => ({ rule, rank: rank(rule) }))
    .filter((one): one is { rule: BookRule; rank: number } => one.rank !== null)
    .sort((a, b) => a.rank - b.rank);
  const rates = ranked.filter(({ rule }) => rule.kind !== 'exclude');
  // An exclusion stands unless a narrower rate says include.
  const standing = ranked.find(
    (one) => one.rule.kind === 'exclude' && !rates.some((rate) => rate.rule.includes && rate.rank < one.rank),
  );

  const rule = standing?.rule ?? rates[0]?.rule ?? null;
  if (house) return { partner, rule, refusal: 'house_partner' };
  if (standing !== undefined) return { partner, rule, refusal: 'excluded' };
  return { partner, rule, refusal: rule === null ? 'no_rule' : null };
}

function holds(one: { readonly from: string | null; readonly to: string | null }, date: string): boolean {
  return (one.from === null || one.from <= date) && (one.to === null || date < one.to);
}

/** The nearest integer, halves away from zero. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const whole = size / denominator;
  const rest = size - whole * denominator;
  const rounded = rest + rest >= denominator ? whole + 1n : whole;
  return negative ? -rounded : rounded;
}

function sum(amounts: readonly bigint[]): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function between(low: bigint, value: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}
