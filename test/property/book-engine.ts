import type { Decision, RuleBookContent, Sale, SaleState, Trace } from '../../src/domain/rating/model.ts';
import { ruleBook } from '../../src/domain/rating/rule-book.ts';
import { EMPTY_BOOK, PLAIN_RULE, ratePlainly } from '../support/rating-inputs.ts';
import type { BookRule, BookSale, RandomBook } from './random-book.ts';

/** The engine's input made from a random book: codes become ids by their position. */
export function contentOf(book: RandomBook): RuleBookContent {
  const ids = idsOf(book);
  return {
    ...EMPTY_BOOK,
    knownSeq: book.rules.length,
    rules: book.rules.map((rule) => ({
      ...PLAIN_RULE,
      id: rule.id,
      ruleId: rule.id,
      knownSeq: rule.id,
      scope: rule.scope,
      scopeId: scopeIdOf(rule, ids),
      productId: ids.product(rule.product),
      from: rule.from,
      to: rule.to,
      kind: rule.kind,
      includes: rule.includes,
      base: rule.base,
      ratePpm: rule.ratePpm,
      flatMinor: rule.flatMinor,
      currency: rule.currency,
    })),
    agreements: book.agreements.map(({ instance, partner, from, to }) => ({
      instanceId: ids.instance(instance),
      partnerId: ids.partner(partner),
      from,
      to,
    })),
    tiers: book.tiers.map(({ partner, tier, from, to }) => ({ partnerId: ids.partner(partner), tier, from, to })),
    housePartnerIds: book.partners.filter(({ house }) => house).map(({ code }) => ids.partner(code)),
  };
}

/** Decides the whole book with the engine, in the order of decision, batch by batch. */
export function engineDecide(book: RandomBook, trace?: Trace): { id: number; decision: Decision }[] {
  const ids = idsOf(book);
  const rules = ruleBook(contentOf(book));
  const states = new Map<string, SaleState>();
  const order = [...book.events].sort(
    (a, b) => a.batch - b.batch || a.occurredOn.localeCompare(b.occurredOn) || a.id - b.id,
  );
  return order.map((event) => {
    const recorded = book.sales.find(({ ref }) => ref === event.saleRef);
    const decision = ratePlainly(
      {
        event: {
          id: event.id,
          kind: event.kind,
          instanceId: ids.instance(event.instance),
          accountId: ids.account(event.instance, event.account),
          productId: ids.product(event.product),
          currency: event.currency,
          net: event.net,
          gross: event.gross,
          wholesaleNet: null,
          country: null,
          occurredOn: event.occurredOn,
        },
        sale: recorded === undefined ? null : saleOf(recorded, saleDateIn(book, recorded, event.batch), ids),
        state: states.get(event.saleRef ?? '') ?? null,
        book: rules,
      },
      trace,
    );
    if (event.saleRef !== null) states.set(event.saleRef, decision.state!);
    return { id: event.id, decision };
  });
}

/** The sale's date as the import of a batch leaves it: its own or that of the payment recorded first, once there is one. */
function saleDateIn(book: RandomBook, sale: BookSale, batch: number): string | null {
  const first = book.events.find(
    (event) => event.saleRef === sale.ref && event.kind === 'payment' && event.batch <= batch,
  );
  return first === undefined ? null : (sale.saleDate ?? first.occurredOn);
}

function saleOf(sale: BookSale, saleDate: string | null, ids: Ids): Sale {
  return {
    id: Number(sale.ref.slice('sale-'.length)),
    instanceId: ids.instance(sale.instance),
    accountId: ids.account(sale.instance, sale.account),
    productId: ids.product(sale.product),
    currency: sale.currency,
    saleNet: sale.saleNet,
    saleGross: sale.saleGross,
    wholesaleNet: null,
    saleDate,
  };
}

interface Ids {
  partner(code: string): number;
  instance(code: string): number;
  product(code: string | null): number | null;
  account(instance: string, code: string | null): number | null;
}

export function idsOf(book: RandomBook): Ids {
  const positions = (codes: readonly string[]): Map<string, number> =>
    new Map(codes.map((code, index) => [code, index + 1]));
  const partners = positions(book.partners.map(({ code }) => code));
  const instances = positions(book.instances.map(({ code }) => code));
  const products = positions(book.products);
  const accounts = positions(book.accounts.map(({ instance, code }) => `${instance}/${code}`));
  return {
    partner: (code) => partners.get(code)!,
    instance: (code) => instances.get(code)!,
    product: (code) => (code === null ? null : products.get(code)!),
    account: (instance, code) => (code === null ? null : accounts.get(`${instance}/${code}`)!),
  };
}

function scopeIdOf(rule: BookRule, ids: Ids): number | string | null {
  if (rule.target === null || rule.scope === 'tier') return rule.target;
  if (rule.scope === 'partner') return ids.partner(rule.target);
  if (rule.scope === 'instance') return ids.instance(rule.target);
  const [instance = '', account = ''] = rule.target.split('/');
  return ids.account(instance, account);
}
