import type {
  Kind,
  RatedEvent,
  RuleBookContent,
  RuleVersion,
  Sale,
  SaleState,
} from '../../../../src/domain/rating/model.ts';
import { formatMinor, parseDecimal } from '../../../../src/domain/money.ts';
import { ruleBook, type RuleBook } from '../../../../src/domain/rating/rule-book.ts';
import { EMPTY_BOOK, PLAIN_RULE, ratePlainly } from '../../../support/rating-inputs.ts';

/** One instance (1) of one partner (1), account 7, products 3 and 4: enough for the goldens, in words short to read. */
export const INSTANCE = 1;
export const PARTNER = 1;

let nextRule = 0;

/** A rule of the programme, always in force, 10 % of net unless told otherwise. */
export function rule(told: Partial<RuleVersion> = {}): RuleVersion {
  nextRule += 1;
  return {
    ...PLAIN_RULE,
    id: nextRule,
    ruleId: nextRule,
    ...told,
  };
}

export function flat(amount: string, currency: string, told: Partial<RuleVersion> = {}): RuleVersion {
  return rule({ kind: 'flat', ratePpm: null, flatMinor: parseDecimal(amount, currency), currency, ...told });
}

export function exclude(told: Partial<RuleVersion> = {}): RuleVersion {
  return rule({ kind: 'exclude', ratePpm: null, ...told });
}

export function book(rules: readonly RuleVersion[], told: Partial<RuleBookContent> = {}): RuleBook {
  return ruleBook({
    ...EMPTY_BOOK,
    rules,
    agreements: [{ instanceId: INSTANCE, partnerId: PARTNER, from: null, to: null }],
    ...told,
  });
}

let nextEvent = 0;

/** An event of 1 Oct 2026 at the instance; `gross` is the net unless told. */
export function event(
  kind: Kind,
  net: string,
  told: Partial<Omit<RatedEvent, 'gross'>> & { gross?: string } = {},
): RatedEvent {
  nextEvent += 1;
  const currency = told.currency ?? 'EUR';
  return {
    id: nextEvent,
    kind,
    instanceId: INSTANCE,
    accountId: null,
    productId: null,
    wholesaleNet: null,
    country: null,
    occurredOn: '2026-10-01',
    ...told,
    currency,
    net: parseDecimal(net, currency),
    gross: parseDecimal(told.gross ?? net, currency),
  };
}

export function sale(net: string, told: Partial<Omit<Sale, 'saleNet' | 'saleGross'>> & { gross?: string } = {}): Sale {
  const { gross, ...rest } = told;
  const currency = told.currency ?? 'EUR';
  return {
    id: 1,
    instanceId: INSTANCE,
    accountId: null,
    productId: null,
    wholesaleNet: null,
    saleDate: '2026-10-01',
    ...rest,
    currency,
    saleNet: parseDecimal(net, currency),
    saleGross: parseDecimal(gross ?? net, currency),
  };
}

/** What a decision comes to, as a person would write it: '8.00', '-0.42 unlinked_credit', '0.00 no_rule'. */
export function decided(rules: RuleBook, one: RatedEvent): string {
  const { legs } = ratePlainly({ event: one, sale: null, state: null, book: rules });
  return written(legs[0]!, one.currency);
}

/** What each event of a sale comes to, one after another. */
export function decidedInSale(rules: RuleBook, of: Sale, events: readonly RatedEvent[]): string[] {
  let state: SaleState | null = null;
  return events.map((one) => {
    const decision = ratePlainly({ event: one, sale: of, state, book: rules });
    state = decision.state;
    return written(decision.legs[0]!, of.currency);
  });
}

function written(leg: { readonly amount: bigint; readonly decisionReason: string | null }, currency: string): string {
  const amount = formatMinor(leg.amount, currency);
  return leg.decisionReason === null ? amount : `${amount} ${leg.decisionReason}`;
}
