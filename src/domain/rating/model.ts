/**
 * The words of rating. Amounts are bigint minor units of the sale's currency unless they say otherwise, rates are
 * integers in ppm (12.5 % = 125_000), dates are ISO civil dates 'YYYY-MM-DD', ids are database identities.
 * Source: SEMANTICS §2–§5.
 */

/** What billing reports. */
export type Kind = 'payment' | 'refund' | 'chargeback' | 'chargeback_won' | 'credit_note' | 'signup' | 'adjustment';
/** What an operator does, or the system computes: also events, decided like all others. */
export type ActKind = 'void' | 'rerate' | 'reattribution' | 'bonus' | 'write_off' | 'opening' | 'true_up';

export const ENTRY_KINDS = [
  'earning',
  'override',
  'bonus',
  'adjustment',
  'refund',
  'credit',
  'chargeback',
  'restoration',
  'true_up',
  'rerate',
  'reattribution',
  'void',
  'opening',
  'write_off',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

// ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ScopeKind = 'account' | 'instance' | 'partner' | 'tier' | 'programme';
export type RuleKind = 'percentage' | 'flat' | 'tiered' | 'hybrid' | 'exclude';
export type Base = 'net' | 'gross' | 'margin';

/** From this much in the window on, this rate. The first bracket begins at 0, and each begins above the one before. */
export interface Bracket {
  readonly from: bigint;
  readonly ratePpm: number;
}

/**
 * What tiers and window caps are counted over: sales of one partner, instance or account, by sale date. `lifetime` is
 * the rule's own.
 */
export interface WindowSpec {
  readonly kind: 'month' | 'quarter' | 'year' | 'lifetime';
  readonly per: 'partner' | 'instance' | 'account';
}

/** One version of one rule as known to the run: `[from, to)`, open ends are null. */
export interface RuleVersion {
  readonly id: number;
  readonly ruleId: number;
  readonly knownSeq: number;
  /** 0: the own slot. n: the slot of the n-th partner above the one who earns. One slot never serves for another. */
  readonly level: number;
  readonly scope: ScopeKind;
  /** The account, instance or partner the scope names; the tier's code for a tier; null for the programme. */
  readonly scopeId: number | string | null;
  readonly productId: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly kind: RuleKind;
  /** Says --include: beats an exclusion at a wider scope. Never true on an exclusion. */
  readonly includes: boolean;
  readonly base: Base;
  /** Overrides only: the base less what the levels below it earn. */
  readonly onRest: boolean;
  /** Of a percentage or hybrid. */
  readonly ratePpm: number | null;
  /** Per sale; of a flat or hybrid. */
  readonly flatMinor: bigint | null;
  /** Of a tiered rule. */
  readonly brackets: readonly Bracket[] | null;
  /** marginal: a sale that straddles a bound is sliced. whole: one rate for all, trued up when the window has closed. */
  readonly bracketMode: 'marginal' | 'whole' | null;
  /** Set when the rule is tiered or capped per window. */
  readonly window: WindowSpec | null;
  readonly limits: RuleLimits;
  /** Currency of every amount that the rule names; null when it names none. */
  readonly currency: string | null;
  /** What it earns is converted into this currency at the sale date's rate; null: it pays in the sale's. */
  readonly paysIn: string | null;
}

/** What a winning rule wants of a sale; a sale that misses one earns nothing, and no wider rule steps in. */
export interface RuleLimits {
  readonly products: readonly number[] | null;
  /** Smallest sale_net, inclusive. */
  readonly minSale: bigint | null;
  readonly capSale: bigint | null;
  readonly capWindow: bigint | null;
  readonly firstSaleOnly: boolean;
  /** Counted from the account's first paid sale. */
  readonly earningMonths: number | null;
  /** Countries, ISO 3166 alpha-2. */
  readonly territory: readonly string[] | null;
}

export const NO_LIMITS: RuleLimits = Object.freeze({
  products: null,
  minSale: null,
  capSale: null,
  capWindow: null,
  firstSaleOnly: false,
  earningMonths: null,
  territory: null,
});

/** The agreement in force for an instance over `[from, to)`. */
export interface Agreement {
  readonly instanceId: number;
  readonly partnerId: number;
  readonly from: string | null;
  readonly to: string | null;
}

export interface PartnerTier {
  readonly partnerId: number;
  readonly tier: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** A reseller under a partner, over `[from, to)`. */
export interface PartnerParent {
  readonly partnerId: number;
  readonly parentId: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** Who shares an account's commission over `[from, to)`; the shares in force on any day sum to 1_000_000 ppm. */
export interface AccountSlot {
  readonly accountId: number;
  readonly slot: number;
  readonly partnerId: number;
  readonly sharePpm: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** A setting that holds over `[from, to)`. */
export interface DatedValue {
  readonly value: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** Everything rating may read besides the event and its sale, all of it as known at `knownSeq`. */
export interface RuleBookContent {
  readonly knownSeq: number;
  readonly rules: readonly RuleVersion[];
  readonly agreements: readonly Agreement[];
  readonly tiers: readonly PartnerTier[];
  readonly parents: readonly PartnerParent[];
  readonly accountSlots: readonly AccountSlot[];
  readonly housePartnerIds: readonly number[];
  /** The most that all shares of a sale may come to, in ppm of sale_net. */
  readonly shareCaps: readonly DatedValue[];
  /** Whether a rule ever limited accounts to a first sale or to months; until one does, no clocks are kept. */
  readonly keepsClocks: boolean;
  /** How many of `to` one of `from` is worth on a date, as a decimal string; null where no rate is near enough. */
  readonly fxRate: (from: string, to: string, date: string) => FrozenRate | null;
}

// ── Events and sales ──────────────────────────────────────────────────────────────────────────────────────────────

/** A billing event. `net` and `gross` are signed as stored: returns and credits are ≤ 0. */
export interface RatedEvent {
  readonly id: number;
  readonly kind: Kind;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly net: bigint;
  readonly gross: bigint;
  /** What the operator takes of it before anybody earns; for margin rules. Signed like `net`. */
  readonly wholesaleNet: bigint | null;
  /** Where the customer is: as billing says, else as the account does. */
  readonly country: string | null;
  readonly occurredOn: string;
}

/** The invoice line an event belongs to. An event without sale_ref has none and is its own sale. */
export interface Sale {
  readonly id: number;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly saleNet: bigint;
  readonly saleGross: bigint;
  readonly wholesaleNet: bigint | null;
  /** Null until the sale is known, that is until its first payment is recorded. */
  readonly saleDate: string | null;
}

/** An operator's or the system's act. What it says of money, if anything, stands in its legs. */
export interface ActEvent {
  readonly id: number;
  readonly kind: ActKind | 'adjustment';
  readonly instanceId: number;
  readonly currency: string;
  readonly occurredOn: string;
}

/** What an act itself says a partner gets: a bonus, an adjustment, a true-up. */
export interface GivenLeg {
  readonly leg: number;
  readonly partnerId: number;
  /** Signed. */
  readonly amount: bigint;
  readonly base: bigint;
  readonly ruleVersionId: number | null;
  readonly ratePpm: number | null;
  /** When it may be paid, of what the books began with; after the hold unless told. */
  readonly payableOn?: string | null;
}

// ── Windows and clocks ────────────────────────────────────────────────────────────────────────────────────────────

/** One window of one rule: `ownerId` is the partner, instance or account that the rule counts per. */
export interface WindowKey {
  readonly ruleId: number;
  readonly ownerId: number;
  readonly currency: string;
  readonly startsOn: string;
}

/** What a window holds: bases for brackets, fulls for its cap. */
export interface WindowUse {
  readonly base: bigint;
  readonly full: bigint;
}

/** What one leg of one event adds to a window, or gives back. */
export interface WindowMove extends WindowUse {
  readonly key: WindowKey;
  readonly leg: number;
}

/**
 * Frozen by an account's first paid sale, from the rule that decided it; later rules change rates, never these.
 * Source: SEMANTICS §3.
 */
export interface AccountClock {
  readonly accountId: number;
  /** The event that started it, and its sale where it has one. */
  readonly eventId: number;
  readonly saleId: number | null;
  readonly firstSaleOn: string;
  readonly firstSaleOnly: boolean;
  readonly earningMonths: number | null;
  /** The rule that won the account; null for one won before any rule had such limits. */
  readonly ruleVersionId: number | null;
}

// ── Decisions ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a rule does to the clock of an account that is won under it. */
export type ClockTerms = Pick<RuleLimits, 'firstSaleOnly' | 'earningMonths'>;

/** How a share stands in the window of its rule. */
export interface ShareWindow {
  readonly key: WindowKey;
  /** What the sale occupies of it: what still stands of the sale, or, for whole brackets, what was collected of it. */
  readonly counts: 'standing' | 'collected';
}

/**
 * What the first decision of a sale froze for one share. For an event that names no sale and is none, an unlinked
 * credit, `base` and `full` are its own and signed.
 */
export interface FrozenShare {
  /** attribution slot × 16 + override level */
  readonly leg: number;
  readonly partnerId: number | null;
  readonly ruleVersionId: number | null;
  readonly knownSeq: number;
  readonly tier: string | null;
  /** The one rate that applied; null for a flat rule and for a sale that straddles brackets. */
  readonly ratePpm: number | null;
  readonly base: bigint;
  /** What the share earns when the sale is collected in full, in `currency`. */
  readonly full: bigint;
  /** What it would without caps, where a cap took something; null elsewhere. */
  readonly uncapped: bigint | null;
  /** Of what the share earns: the sale's, or the one the rule pays in. */
  readonly currency: string;
  /** How many of `currency` one of the sale's currency was worth; null where nothing is converted. */
  readonly fxRate: FrozenRate | null;
  /** What the window held when the share was frozen; null without one. */
  readonly position: WindowUse | null;
  readonly window: ShareWindow | null;
  /** Of the rate that won; null where none did. */
  readonly clockTerms: ClockTerms | null;
  /** Why `full` is zero, or null. */
  readonly reason: ZeroReason | null;
}

/** An exchange rate and the recorded rates that it comes from, in the order of the way. */
export interface FrozenRate {
  readonly rate: string;
  readonly ids: readonly number[];
}

/** A frozen share and what has been posted of it, signed. */
export interface PostedShare {
  readonly frozen: FrozenShare;
  readonly posted: bigint;
}

/**
 * A sale as decided so far: sums are unsigned. `credited` is credit notes less adjustments, so it falls below zero where
 * a positive adjustment stands alone.
 */
export interface SaleState {
  readonly received: bigint;
  readonly returned: bigint;
  readonly credited: bigint;
  /** Empty until the first decision that knew the sale. */
  readonly shares: readonly PostedShare[];
}

export const ZERO_REASONS = [
  'no_rule',
  'excluded',
  'zero_rate',
  'rule_currency',
  'zero_sale',
  'over_collected',
  'sale_unknown',
  'no_agreement',
  'house_partner',
  'self_referral', // who earns below already would earn above as well
  'percentage_only', // a flat rule has no percentage part to rate an unlinked credit with
  'rounds_to_zero',
  'unchanged', // the cumulative target did not move
  'no_base', // a margin rule, and nobody said what the sale cost
  'no_account', // a rule that counts per account, and the event names none
  'product_limit',
  'territory',
  'below_minimum_sale',
  'first_sale_only',
  'earning_ended',
  'cap_reached',
  'share_cap',
  'reattributed', // the share went to somebody else
] as const;
export type ZeroReason = (typeof ZERO_REASONS)[number];
/** A reason may also stand beside an amount: 'unlinked_credit'. */
export type Reason = ZeroReason | 'unlinked_credit';

/** One share of one event, decided: the row that the ledger's sub-ledger stores. */
export interface DecidedLeg extends FrozenShare {
  readonly kind: EntryKind;
  /** target − posted, signed, in `currency` */
  readonly amount: bigint;
  readonly decisionReason: Reason | null;
  /** Where the act says it, instead of the hold. */
  readonly payableOn?: string;
}

export interface Decision {
  readonly legs: readonly DecidedLeg[];
  /** The sale after this event; null where it has nothing to hand on. */
  readonly state: SaleState | null;
  /** What it does to windows, leg by leg. */
  readonly moves: readonly WindowMove[];
  /** The clock that this event started, or null. */
  readonly clock: AccountClock | null;
}

/** The exchange rate of a pair that is missing on a date, or too old. */
export interface WaitsFor {
  readonly from: string;
  readonly to: string;
  readonly on: string;
}

/** An event that cannot be decided yet. */
export interface Deferral {
  readonly waitsFor: WaitsFor;
}

/** A step of the explanation, in the order it was taken; `facts` are decimal strings and codes, ready to print. */
export interface TraceStep {
  readonly step:
    | 'dates'
    | 'partner'
    | 'candidate' // a rule that could have applied: facts.outcome = 'wins' | 'loses', facts.why
    | 'exclusion'
    | 'clock' // the account's first paid sale, and what that leaves
    | 'window' // what the window held before
    | 'wholesale' // the subscription that said what the sale costs
    | 'base'
    | 'full'
    | 'cap'
    | 'rate' // where the exchange rate comes from
    | 'conversion'
    | 'sale' // the sale's events so far
    | 'target'
    | 'rounding'
    | 'amount';
  readonly leg: number | null;
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}
export type Trace = (step: TraceStep) => void;
