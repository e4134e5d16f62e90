import type {
  ActKind,
  ClockTerms,
  EntryKind,
  FrozenRate,
  FrozenShare,
  Kind,
  Reason,
  Sale,
  SaleState,
  WindowUse,
  ZeroReason,
} from './model.ts';
import { accumulate, takeBack, type SaleTerms, type Sums } from './sale.ts';
import { shareWindow, type WindowTerms } from './windows.ts';

/**
 * Nothing about a sale's progress is stored: it is folded from its events and what was decided of them, so it cannot drift
 * from them. Source: SEMANTICS §4.
 */

/** A decided leg of a sale's event: enough to fold the sale's state from. */
export interface DecidedOfSale {
  readonly saleId: number;
  readonly eventId: number;
  readonly kind: Kind | ActKind;
  readonly net: bigint;
  /** The event that a void takes back. */
  readonly voided: { readonly kind: Kind; readonly net: bigint } | null;
  readonly leg: number;
  readonly entryKind: EntryKind;
  readonly amount: bigint;
  readonly base: bigint;
  readonly full: bigint;
  readonly uncapped: bigint | null;
  readonly position: WindowUse | null;
  readonly fxRate: FrozenRate | null;
  /** Of the wallet; null without one. */
  readonly currency: string | null;
  readonly ruleVersionId: number | null;
  /** What the rule version says that its shares carry along; null without one, and for who can earn nothing by it. */
  readonly rule: (WindowTerms & { readonly clockTerms: ClockTerms | null }) | null;
  readonly knownSeq: number;
  readonly ratePpm: number | null;
  readonly tier: string | null;
  readonly reason: Reason | null;
  readonly partnerId: number | null;
}

/** The state of one sale from its decided legs, in the order they were decided. */
export function foldSale(sale: Sale, decided: readonly DecidedOfSale[]): SaleState {
  let sums: Sums = { received: 0n, returned: 0n, credited: 0n };
  const shares = new Map<number, { frozen: FrozenShare; posted: bigint }>();
  let counted = -1;
  for (const leg of decided) {
    if (leg.eventId !== counted) {
      // Legs of an event stand together; the event itself counts once.
      sums = sumsAfter(sums, leg);
      counted = leg.eventId;
    }
    if (leg.reason === 'sale_unknown') {
      continue; // decided before the sale was known: froze nothing, posted nothing
    }
    const known = shares.get(leg.leg);
    if (known === undefined) {
      shares.set(leg.leg, { frozen: frozenBy(leg, sale), posted: leg.amount });
    } else {
      known.posted += leg.amount;
      if (leg.entryKind === 'rerate' || leg.entryKind === 'reattribution') {
        known.frozen = frozenBy(leg, sale);
      }
    }
  }
  return { ...sums, shares: [...shares.values()] };
}

function sumsAfter(sums: Sums, { kind, net, voided }: DecidedOfSale): Sums {
  switch (kind) {
    case 'void':
      return takeBack(sums, voided!);
    case 'rerate':
    case 'reattribution':
    case 'bonus':
    case 'write_off':
    case 'true_up':
      return sums;
    case 'opening':
      return { ...sums, received: sums.received + net };
    case 'payment':
    case 'refund':
    case 'chargeback':
    case 'chargeback_won':
    case 'credit_note':
    case 'adjustment':
    case 'signup':
      return accumulate(sums, { kind, net });
  }
}

/** The share as the leg's decision froze it. */
function frozenBy(leg: DecidedOfSale, sale: Sale): FrozenShare {
  const { partnerId, rule, position, full } = leg;
  const owners = { partnerId: partnerId!, instanceId: sale.instanceId, accountId: sale.accountId };
  return {
    leg: leg.leg,
    partnerId,
    ruleVersionId: leg.ruleVersionId,
    knownSeq: leg.knownSeq,
    tier: leg.tier,
    ratePpm: leg.ratePpm,
    base: leg.base,
    full,
    uncapped: leg.uncapped,
    currency: leg.currency ?? sale.currency,
    fxRate: leg.fxRate,
    position,
    // A decided sale is a known one, so that it has its date.
    window: position === null || rule === null ? null : shareWindow(rule, owners, sale as SaleTerms),
    clockTerms: rule === null ? null : rule.clockTerms,
    // The decision that froze a share says why it earns nothing, except that cash above an empty sale is told as that.
    reason:
      full !== 0n || leg.reason === 'unlinked_credit'
        ? null
        : sale.saleNet === 0n
          ? 'zero_sale'
          : (leg.reason as ZeroReason | null),
  };
}
