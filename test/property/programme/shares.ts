import { decimalsOf, least, nearest, split, sum, windowAround } from './arithmetic.ts';
import { clockRefusal } from './clock.ts';
import { occupantsOf, sharesOf, type History, type Share, type Sold, type WindowOf } from './history.ts';
import { standingFor } from './precedence.ts';
import { rateOn } from './rates.ts';
import { holdsOn, isKnownAt, type Rule } from './words.ts';

const MILLION = 1_000_000n;

/** One attribution slot of a sale: who has it, how much of it, and the part of each base that falls to it. */
interface Part {
  readonly slot: number;
  readonly partner: string;
  readonly sharePpm: bigint;
  readonly net: bigint;
  readonly gross: bigint;
  readonly wholesale: bigint | null;
}

/** Freezes a sale by what is known at this stage: every slot's own share and the overrides above it. SEMANTICS §3, §4. */
export function freeze(history: History, sold: Sold): Share[] {
  const parts = partsOf(history, sold);
  if (parts === null) {
    const zero = sold.net === 0n ? 'zero_sale' : 'no_agreement';
    return [{ ...NOTHING, leg: 0, partner: null, currency: sold.currency, zero }];
  }
  const priced: Priced[] = [];
  const earners = parts.map(({ partner }) => partner);
  for (const part of parts) {
    let below = 0n;
    const lower = [...earners];
    for (const [level, partner] of lineOf(history, part.partner, sold.date).entries()) {
      if (level > 0 && !hasRuleFor(history, level)) continue;
      const refersToSelf = level > 0 && lower.includes(partner);
      const share = price(history, sold, part, level, partner, below, refersToSelf, priced);
      priced.push(share);
      below += share.full;
      lower.push(partner);
    }
  }
  return withinShareCap(history, sold, priced).map((share) => converted(history, sold, share));
}

const NOTHING = { rule: null, isRated: false, base: 0n, full: 0n, window: null, position: null };

/** A share in the sale's own currency, with its full before rounding, in millionths of a minor unit. */
interface Priced extends Share {
  readonly exact: bigint;
  readonly terms: Rule | null;
}

/** The slots that share a sale, in place of the agreement's partner; without an agreement nobody has anything. */
function partsOf({ programme, stage }: History, sold: Sold): Part[] | null {
  const agreement = programme.agreements.find((one) => one.instance === sold.instance && holdsOn(one, sold.date));
  if (agreement === undefined) return null;
  const slots = programme.slots
    .filter((one) => one.instance === sold.instance && one.account === sold.account)
    .filter((one) => isKnownAt(one, stage) && holdsOn(one, sold.date))
    .sort((a, b) => a.number - b.number)
    .map(({ number, partner, sharePpm }) => ({ slot: number, partner, sharePpm: BigInt(sharePpm) }));
  if (slots.length === 0) slots.push({ slot: 0, partner: agreement.partner, sharePpm: MILLION });
  const weights = slots.map(({ sharePpm }) => sharePpm);
  const nets = split(sold.net, weights);
  const grosses = split(sold.gross, weights);
  const wholesales = sold.wholesale === null ? null : split(sold.wholesale, weights);
  return slots.map((slot, index) => ({
    ...slot,
    net: nets[index]!,
    gross: grosses[index]!,
    wholesale: wholesales?.[index] ?? null,
  }));
}

/** A partner and those above it on a date; a circle is followed until it closes. */
function lineOf({ programme }: History, partner: string, date: string): string[] {
  const line = [partner];
  while (line.length < 16) {
    const last = line.at(-1)!;
    const parent = programme.parents.find((one) => one.partner === last && holdsOn(one, date))?.parent;
    if (parent === undefined) break;
    const isCircle = line.includes(parent);
    line.push(parent);
    if (isCircle) break;
  }
  return line;
}

function hasRuleFor({ programme, stage }: History, level: number): boolean {
  return programme.rules.some((rule) => rule.level === level && isKnownAt(rule, stage));
}

function price(
  history: History,
  sold: Sold,
  part: Part,
  level: number,
  partner: string,
  below: bigint,
  refersToSelf: boolean,
  earlier: readonly Priced[],
): Priced {
  const { programme, stage } = history;
  const own = earlier.find(({ leg }) => leg === part.slot * 16) ?? null;
  const standing = standingFor(programme, level, sold, partner, sold.date, stage);
  const rule = standing.rule;
  const share = {
    ...NOTHING,
    leg: part.slot * 16 + level,
    partner,
    rule: rule?.version ?? null,
    currency: sold.currency,
    exact: 0n,
    terms: rule,
  };
  const nothing = (zero: string, told: Partial<Priced> = {}): Priced => ({ ...share, ...told, zero });

  const isHouse = programme.partners.some(({ code, house }) => house && code === partner);
  const isRated = rule !== null && standing.refusal === null && !isHouse && !refersToSelf;
  if (sold.net === 0n) return nothing('zero_sale', { isRated });
  if (isHouse) return nothing('house_partner');
  if (refersToSelf) return nothing('self_referral');
  if (rule === null || standing.refusal !== null) return nothing(standing.refusal ?? 'no_rule');

  const refusal = sold.isCredit ? null : limitRefusal(history, sold, rule, own);
  if (refusal !== null) return nothing(refusal, { isRated });
  // Of a percentage only its limits name a currency, and a credit knows no limits; a sale has been asked before.
  const isForeign = rule.currency !== null && rule.currency !== sold.currency;
  if (isForeign && rule.kind !== 'percentage') return nothing('rule_currency', { isRated });
  if (sold.isCredit && rule.kind === 'flat') return nothing('percentage_only', { isRated });
  const base = baseOf(rule, part, below);
  if (base === null) return nothing('no_base', { isRated });

  const window = sold.isCredit ? null : windowOf(rule, sold, partner);
  const position = window === null ? null : positionIn(history, sold, window, earlier);
  const rated = { ...share, isRated, base, window, position };
  const earned = sold.isCredit ? creditOf(rule, base) : earningOf(rule, base, part, position?.base ?? 0n);
  if (earned === 0n) return { ...rated, zero: zeroOf(rule, sold.isCredit, base) };

  let exact = earned;
  if (!sold.isCredit && rule.capSale !== null) exact = least(exact, rule.capSale * part.sharePpm);
  if (position !== null && rule.capWindow !== null) {
    const room = rule.capWindow - position.full;
    if (room <= 0n) return { ...rated, zero: 'cap_reached' };
    exact = least(exact, room * MILLION);
  }
  const full = nearest(exact, MILLION);
  return { ...rated, exact, full, zero: full === 0n ? 'rounds_to_zero' : null };
}

/** In the order in which reasons are looked for; a wider rule never steps in. */
function limitRefusal(history: History, sold: Sold, rule: Rule, own: Priced | null): string | null {
  // Where nobody can tell whether an account still earns, neither do those above who would have earned.
  const isUnclocked = own?.zero === 'no_account' && limitsAccounts(own.terms!);
  const wantsAccount = limitsAccounts(rule) || isUnclocked || rule.window?.per === 'account';
  if (wantsAccount && sold.account === null) return 'no_account';
  const clock = clockRefusal(history, sold);
  if (clock !== null) return clock;
  if (rule.currency !== null && rule.currency !== sold.currency) return 'rule_currency';
  if (rule.products !== null && !rule.products.includes(sold.product ?? '')) return 'product_limit';
  if (rule.territory !== null && !rule.territory.includes(sold.country ?? '')) return 'territory';
  return rule.minSale !== null && sold.net < rule.minSale ? 'below_minimum_sale' : null;
}

function limitsAccounts({ firstSaleOnly, earningMonths }: Rule): boolean {
  return firstSaleOnly || earningMonths !== null;
}

/** A missing base is null, never another base; none is taken beyond nothing. */
function baseOf({ base, onRest }: Rule, { net, gross, wholesale }: Part, below: bigint): bigint | null {
  const towardsZero = (value: bigint): bigint => (net < 0n === value < 0n ? value : 0n);
  if (base === 'margin' && wholesale === null) return null;
  const whole = base === 'net' ? net : base === 'gross' ? gross : towardsZero(net - wholesale!);
  return onRest ? towardsZero(whole - below) : whole;
}

/** What a share earns of a sale collected in full, in millionths. */
function earningOf(rule: Rule, base: bigint, { sharePpm }: Part, start: bigint): bigint {
  const flat = (rule.flat ?? 0n) * sharePpm;
  if (rule.kind === 'flat') return flat;
  if (rule.kind === 'tiered') {
    return rule.mode === 'whole' ? base * BigInt(rule.brackets![0]!.ratePpm) : sliced(rule, start, start + base);
  }
  return base * BigInt(rule.ratePpm!) + flat;
}

/** An unlinked credit knows only percentages; of brackets the first. */
function creditOf(rule: Rule, base: bigint): bigint {
  return base * BigInt(rule.kind === 'tiered' ? rule.brackets![0]!.ratePpm : rule.ratePpm!);
}

function sliced({ brackets }: Rule, from: bigint, to: bigint): bigint {
  return sum(
    brackets!.map((bracket, index) => {
      const end = brackets![index + 1]?.from ?? to;
      const low = from > bracket.from ? from : bracket.from;
      const high = least(to, end);
      return high > low ? (high - low) * BigInt(bracket.ratePpm) : 0n;
    }),
  );
}

/** Nothing was earned: because the rate that applies is 0 %, or else because there was nothing to rate. */
function zeroOf({ kind, mode, ratePpm, brackets }: Rule, isCredit: boolean, base: bigint): string {
  const readsFirst = kind === 'tiered' && (isCredit || mode === 'whole');
  const rate = readsFirst ? brackets![0]!.ratePpm : ratePpm;
  return base !== 0n || rate === 0 || kind === 'flat' ? 'zero_rate' : 'zero_sale';
}

function windowOf(rule: Rule, sold: Sold, partner: string): WindowOf | null {
  if (rule.window === null) return null;
  const { kind, per } = rule.window;
  const owner = { partner, instance: sold.instance, account: `${sold.instance}/${sold.account}` }[per];
  const [start, lastDay] = windowAround(sold.date, kind);
  const key = `window of rule ${rule.rule}, ${owner}, ${sold.currency}, ${start}`;
  return { key, rule: rule.rule, currency: sold.currency, lastDay, whole: rule.mode === 'whole' };
}

/** What the window held before this share: a sale rated again keeps its place, and its shares follow one another. */
function positionIn(
  history: History,
  sold: Sold,
  window: WindowOf,
  earlier: readonly Priced[],
): { base: bigint; full: bigint } {
  const had = sharesOf(history, sold.key).find((one) => one.window?.key === window.key);
  const others = [
    ...(had === undefined ? occupantsOf(history, window) : [had.position!]),
    ...earlier.filter((one) => one.window?.key === window.key),
  ];
  return { base: sum(others.map(({ base }) => base)), full: sum(others.map(({ full }) => full)) };
}

/** Above the programme's cap on the sum of shares the highest level is cut first. */
function withinShareCap({ programme }: History, sold: Sold, priced: readonly Priced[]): Priced[] {
  const cap = programme.shareCaps.find((one) => holdsOn(one, sold.date));
  if (cap === undefined) return [...priced];
  const size = sold.net < 0n ? -sold.net : sold.net;
  let left = (size * BigInt(cap.ppm)) / MILLION;
  const lowestFirst = [...priced].sort((a, b) => (a.leg % 16) - (b.leg % 16) || a.leg - b.leg);
  const cut = lowestFirst.map((share): Priced => {
    const wanted = share.full < 0n ? -share.full : share.full;
    const given = least(wanted, left);
    left -= given;
    if (given === wanted) return share;
    const full = share.full < 0n ? -given : given;
    return { ...share, full, exact: full * MILLION, zero: full === 0n ? 'share_cap' : null };
  });
  return cut.sort((a, b) => a.leg - b.leg);
}

/** Rounded once, in the currency that the rule pays in. */
function converted({ programme }: History, sold: Sold, { exact, terms, ...share }: Priced): Share {
  const paysIn = terms?.paysIn ?? null;
  // Nothing needs no rate, and stays in the currency of the sale.
  if (paysIn === null || paysIn === sold.currency || exact === 0n) return share;
  const [rate, scale] = rateOn(programme, sold.currency, paysIn, sold.date);
  const numerator = exact * rate * 10n ** BigInt(decimalsOf(paysIn));
  const full = nearest(numerator, MILLION * scale * 10n ** BigInt(decimalsOf(sold.currency)));
  const zero = share.zero ?? (full === 0n ? 'rounds_to_zero' : null);
  return { ...share, currency: paysIn, full, zero: full === 0n ? zero : null };
}
