/**
 * A programme as plain data, with codes instead of ids: who is who, what was agreed, what happened and what operators
 * did about it. The oracle decides it, the engine rates it, the shrinker takes it apart. Imports nothing from src, so
 * that no mistake of the engine can hide in the words that describe its task. Source: SEMANTICS §1–§5.
 */
export interface Programme {
  readonly seed: number;
  readonly partners: readonly { readonly code: string; readonly house: boolean }[];
  readonly instances: readonly string[];
  readonly products: readonly string[];
  readonly accounts: readonly Account[];
  readonly agreements: readonly (Dated & { readonly instance: string; readonly partner: string })[];
  readonly tiers: readonly (Dated & { readonly partner: string; readonly tier: string })[];
  readonly parents: readonly (Dated & { readonly partner: string; readonly parent: string })[];
  readonly slots: readonly Slot[];
  /** The most that all shares of a sale come to, in ppm of sale_net. */
  readonly shareCaps: readonly (Dated & { readonly ppm: number })[];
  readonly rules: readonly Rule[];
  /** On `on`, one of `from` was worth `rate` of `to`. */
  readonly rates: readonly { readonly on: string; readonly from: string; readonly to: string; readonly rate: string }[];
  readonly sales: readonly Sale[];
  readonly steps: readonly Step[];
}

/** `[from, to)`, open ends are null. */
export interface Dated {
  readonly from: string | null;
  readonly to: string | null;
}

/** Known from one stage on and, once something else took its place, no longer. */
export interface Known {
  readonly knownFrom: number;
  readonly knownUntil: number | null;
}

export interface Account {
  readonly instance: string;
  /** Unique inside its instance. */
  readonly code: string;
  readonly country: string | null;
}

/** Who shares the commission of an account's sales; the shares of one day sum to 1,000,000 ppm. */
export interface Slot extends Dated, Known {
  readonly instance: string;
  readonly account: string;
  readonly number: number;
  readonly partner: string;
  readonly sharePpm: number;
}

export interface Bracket {
  readonly from: bigint;
  readonly ratePpm: number;
}

/** One version of a rule. Versions of the same slot and scope are versions of the same rule. */
export interface Rule extends Dated, Known {
  readonly version: number;
  readonly rule: number;
  /** 0 is the own slot, n that of the n-th partner above. */
  readonly level: number;
  readonly scope: 'account' | 'instance' | 'partner' | 'tier' | 'programme';
  /** The code that the scope names, 'INSTANCE/CODE' for an account; null for the programme. */
  readonly target: string | null;
  readonly product: string | null;
  readonly kind: 'percentage' | 'flat' | 'tiered' | 'hybrid' | 'exclude';
  readonly includes: boolean;
  readonly base: 'net' | 'gross' | 'margin';
  readonly onRest: boolean;
  readonly ratePpm: number | null;
  readonly flat: bigint | null;
  readonly brackets: readonly Bracket[] | null;
  readonly mode: 'marginal' | 'whole' | null;
  readonly window: Window | null;
  readonly products: readonly string[] | null;
  readonly minSale: bigint | null;
  readonly capSale: bigint | null;
  readonly capWindow: bigint | null;
  readonly firstSaleOnly: boolean;
  readonly earningMonths: number | null;
  readonly territory: readonly string[] | null;
  readonly currency: string | null;
  readonly paysIn: string | null;
}

export interface Window {
  readonly kind: 'month' | 'quarter' | 'year' | 'lifetime';
  readonly per: 'partner' | 'instance' | 'account';
}

/** Where something was sold. */
export interface Place {
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly currency: string;
}

/** An invoice line. Not known before a payment of it is recorded, whose date it takes when it brings none of its own. */
export interface Sale extends Place {
  readonly ref: string;
  readonly net: bigint;
  readonly gross: bigint;
  readonly wholesale: bigint | null;
  readonly date: string | null;
}

interface Stepped {
  /** Ascends in the order of recording. */
  readonly id: number;
  /** A night: its events are decided by (date, id), then its acts by id, all by what is known at that stage. */
  readonly stage: number;
  readonly on: string;
}

/** What billing reports; signed minor units. */
export interface Billed extends Stepped, Place {
  readonly kind: 'payment' | 'refund' | 'chargeback' | 'chargeback_won' | 'credit_note' | 'signup' | 'adjustment';
  readonly net: bigint;
  readonly gross: bigint;
  readonly wholesale: bigint | null;
  readonly country: string | null;
  readonly sale: string | null;
}

/** An event that never should have been, by its id. */
export interface Voiding extends Stepped {
  readonly kind: 'void';
  readonly voids: number;
}

/** A sale, or an event that is its own, rated again by what is known now. */
export interface Rerating extends Stepped {
  readonly kind: 'rerate' | 'reattribution';
  readonly sale: string | null;
  readonly event: number | null;
}

/** What an operator posts as it stands. */
export interface Giving extends Stepped {
  readonly kind: 'bonus' | 'write_off' | 'opening';
  readonly instance: string;
  readonly currency: string;
  readonly partner: string;
  readonly amount: bigint;
}

/** Windows under whole brackets that have ended by `on` are trued up. */
export interface Closing extends Stepped {
  readonly kind: 'close_windows';
}

export type Step = Billed | Voiding | Rerating | Giving | Closing;

export function isBilled(step: Step): step is Billed {
  return !['void', 'rerate', 'reattribution', 'bonus', 'write_off', 'opening', 'close_windows'].includes(step.kind);
}

/** All steps in the order in which they are decided. */
export function inOrder(steps: readonly Step[]): Step[] {
  const rank = (step: Step): string => (isBilled(step) ? `0 ${step.on}` : '1');
  return [...steps].sort((a, b) => a.stage - b.stage || (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a.id - b.id));
}

export function holdsOn({ from, to }: Dated, date: string): boolean {
  return (from === null || from <= date) && (to === null || date < to);
}

export function isKnownAt({ knownFrom, knownUntil }: Known, stage: number): boolean {
  return knownFrom <= stage && (knownUntil === null || stage < knownUntil);
}
