/**
 * The words of rating. Amounts are bigint minor units of the sale's currency, rates are integers in ppm
 * (12.5 % = 125_000), dates are ISO civil dates 'YYYY-MM-DD', ids are database identities.
 * Source: SEMANTICS §2–§5.
 */
export type Kind = 'payment' | 'refund' | 'chargeback' | 'chargeback_won' | 'credit_note' | 'signup' | 'adjustment';

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

export type ScopeKind = 'account' | 'instance' | 'partner' | 'tier' | 'programme';

/** One version of one rule as known to the run: `[from, to)`, open ends are null. */
export interface RuleVersion {
  readonly id: number;
  readonly ruleId: number;
  readonly knownSeq: number;
  readonly scope: ScopeKind;
  /** The account, instance or partner the scope names; the tier's code for a tier; null for the programme. */
  readonly scopeId: number | string | null;
  readonly productId: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly kind: 'percentage' | 'flat' | 'exclude';
  /** Says --include: beats an exclusion at a wider scope. Never true on an exclusion. */
  readonly includes: boolean;
  readonly base: 'net' | 'gross';
  readonly ratePpm: number | null;
  readonly flatMinor: bigint | null;
  /** Currency of flatMinor; null for a percentage. */
  readonly currency: string | null;
}

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

/** Everything rating may read besides the event and its sale, all of it as known at `knownSeq`. */
export interface RuleBookContent {
  readonly knownSeq: number;
  readonly rules: readonly RuleVersion[];
  readonly agreements: readonly Agreement[];
  readonly tiers: readonly PartnerTier[];
  readonly housePartnerIds: readonly number[];
}

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
  /** Null until the sale is known, that is until its first payment is recorded. */
  readonly saleDate: string | null;
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
  readonly ratePpm: number | null;
  readonly base: bigint;
  /** What the share earns when the sale is collected in full. */
  readonly full: bigint;
  /** Why `full` is zero, or null. */
  readonly reason: ZeroReason | null;
}

/**
 * A sale as decided so far: sums are unsigned, `posted` is signed and sits beside its frozen share. `credited` is credit
 * notes less adjustments, so it falls below zero where a positive adjustment stands alone.
 */
export interface SaleState {
  readonly received: bigint;
  readonly returned: bigint;
  readonly credited: bigint;
  /** Empty until the first decision that knew the sale. */
  readonly shares: readonly { readonly frozen: FrozenShare; readonly posted: bigint }[];
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
  'percentage_only', // a flat rule has no percentage part to rate an unlinked credit with
  'rounds_to_zero',
  'unchanged', // the cumulative target did not move
] as const;
export type ZeroReason = (typeof ZERO_REASONS)[number];
/** A reason may also stand beside an amount: 'unlinked_credit'. */
export type Reason = ZeroReason | 'unlinked_credit';

/** One share of one event, decided: the row that the ledger's sub-ledger stores. */
export interface DecidedLeg extends FrozenShare {
  readonly kind: EntryKind;
  /** target − posted, signed */
  readonly amount: bigint;
  readonly decisionReason: Reason | null;
}

export interface Decision {
  readonly legs: readonly DecidedLeg[];
  /** The sale after this event; null for an event that is its own sale. */
  readonly state: SaleState | null;
}

/** A step of the explanation, in the order it was taken; `facts` are decimal strings and codes, ready to print. */
export interface TraceStep {
  readonly step:
    | 'dates'
    | 'partner'
    | 'candidate' // a rule that could have applied: facts.outcome = 'wins' | 'loses', facts.why
    | 'exclusion'
    | 'base'
    | 'full'
    | 'sale' // the sale's events so far
    | 'target'
    | 'rounding'
    | 'amount';
  readonly leg: number | null;
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}
export type Trace = (step: TraceStep) => void;
