import type {
  ActEvent,
  DecidedLeg,
  Decision,
  RatedEvent,
  RuleBookContent,
  RuleVersion,
  Sale as EngineSale,
  Trace,
} from '../../../src/domain/rating/model.ts';
import { RefusedError } from '../../../src/domain/errors.ts';
import { ruleBook } from '../../../src/domain/rating/rule-book.ts';
import { RatingWalk } from '../../support/rating-walk.ts';
import { MovedWindows } from './engine-closings.ts';
import { rateText } from './rates.ts';
import {
  inOrder,
  isBilled,
  isKnownAt,
  type Billed,
  type Closing,
  type Giving,
  type Place,
  type Programme,
  type Rerating,
  type Rule,
  type Step,
  type Voiding,
} from './words.ts';

/** A leg as the engine decided it, its partner by code again. */
export type EngineLeg = Omit<DecidedLeg, 'partnerId'> & { readonly step: number; readonly partner: string | null };

/** Walks a programme through the engine: codes become ids by their place, each night knows what was known then. */
export function engineDecide(programme: Programme, trace?: Trace): EngineLeg[] {
  const ids = idsOf(programme);
  const walk = new RatingWalk(ruleBook(contentAt(programme, ids, 0)), trace);
  const windows = new MovedWindows();
  let stage = 0;
  return inOrder(programme.steps).flatMap((step) => {
    if (step.stage !== stage) {
      stage = step.stage;
      walk.book = ruleBook(contentAt(programme, ids, stage));
    }
    const legs =
      step.kind === 'close_windows'
        ? windows.close(programme, walk, step)
        : decide(walk, windows, programme, ids, step).legs;
    return legs.map(({ partnerId, ...leg }): EngineLeg => {
      return { ...leg, step: step.id, partner: partnerId === null ? null : programme.partners[partnerId - 1]!.code };
    });
  });
}

const REFUSED: Decision = { legs: [], state: null, moves: [], clock: null };

function decide(
  walk: RatingWalk,
  windows: MovedWindows,
  programme: Programme,
  ids: Ids,
  step: Exclude<Step, Closing>,
): Decision {
  const events = programme.steps.filter(isBilled);
  const saleOf = (ref: string | null): EngineSale | null => saleAt(programme, ids, ref, step.stage);
  const kept = (decision: Decision, { instance }: Pick<Place, 'instance'>): Decision => {
    windows.add(decision, ids.instance(instance));
    return decision;
  };
  if (isBilled(step)) return kept(walk.decide(ratedEvent(programme, ids, step), saleOf(step.sale)), step);
  switch (step.kind) {
    case 'void': {
      const event = events.find(({ id }) => id === step.voids);
      if (event !== undefined) {
        const regards = { event: ratedEvent(programme, ids, event), sale: saleOf(event.sale) };
        return kept(walk.act(actOf(ids, step, event), regards), event);
      }
      const act = programme.steps.find((one): one is Giving => one.id === step.voids)!;
      return walk.voidAct(actOf(ids, step, act), act.id);
    }
    case 'rerate':
    case 'reattribution': {
      // Of a sale, the event that froze it says where the customer was.
      const event = events.find((one) => one.id === (step.event ?? firstOf(programme, step)))!;
      const regards = { event: ratedEvent(programme, ids, event), sale: saleOf(step.sale) };
      try {
        return kept(walk.act(actOf(ids, step, event), regards), event);
      } catch (error) {
        if (error instanceof RefusedError && error.code === 'rerate_currency') return REFUSED;
        throw error;
      }
    }
    case 'bonus':
    case 'write_off':
    case 'opening': {
      const given = { leg: 0, partnerId: ids.partner(step.partner), amount: step.amount };
      return walk.act(actOf(ids, step, step), null, [{ ...given, base: 0n, ruleVersionId: null, ratePpm: null }]);
    }
  }
}

/** The event that was decided first once the sale was known. */
function firstOf(programme: Programme, { sale, stage }: Rerating): number {
  const theirs = inOrder(programme.steps).filter((one): one is Billed => isBilled(one) && one.sale === sale);
  const known = theirs.filter((one) => one.stage <= stage && saleDateAt(programme, sale!, one.stage) !== null);
  return known[0]!.id;
}

function actOf(
  ids: Ids,
  { id, kind, on }: Voiding | Rerating | Giving,
  place: Pick<Place, 'instance' | 'currency'>,
): ActEvent {
  return { id, kind, instanceId: ids.instance(place.instance), currency: place.currency, occurredOn: on };
}

function ratedEvent(programme: Programme, ids: Ids, event: Billed): RatedEvent {
  const { id, kind, net, gross, wholesale, on: occurredOn } = event;
  const country = event.country ?? programme.accounts.find((one) => isAt(one, event))?.country ?? null;
  return { id, kind, ...placeOf(ids, event), net, gross, wholesaleNet: wholesale, country, occurredOn };
}

function isAt({ instance, code }: { instance: string; code: string }, place: Place): boolean {
  return place.instance === instance && place.account === code;
}

function saleAt(programme: Programme, ids: Ids, ref: string | null, stage: number): EngineSale | null {
  const sale = programme.sales.find((one) => one.ref === ref);
  if (sale === undefined) return null;
  const { net: saleNet, gross: saleGross, wholesale: wholesaleNet } = sale;
  const id = programme.sales.indexOf(sale) + 1;
  return {
    id,
    ...placeOf(ids, sale),
    saleNet,
    saleGross,
    wholesaleNet,
    saleDate: saleDateAt(programme, sale.ref, stage),
  };
}

/** As the import leaves it: its own date or that of the payment recorded first, once there is one. */
function saleDateAt({ sales, steps }: Programme, ref: string, stage: number): string | null {
  const payment = steps.find((one) => one.kind === 'payment' && one.sale === ref && one.stage <= stage);
  return payment === undefined ? null : (sales.find((one) => one.ref === ref)!.date ?? payment.on);
}

function placeOf(
  ids: Ids,
  { instance, account, product, currency }: Place,
): Pick<RatedEvent, 'instanceId' | 'accountId' | 'productId' | 'currency'> {
  const accountId = ids.account(instance, account);
  return { instanceId: ids.instance(instance), accountId, productId: ids.product(product), currency };
}

function contentAt(programme: Programme, ids: Ids, stage: number): RuleBookContent {
  return {
    knownSeq: stage,
    rules: programme.rules.filter((rule) => isKnownAt(rule, stage)).map((rule) => versionOf(ids, rule)),
    agreements: programme.agreements.map(({ instance, partner, ...dated }) => {
      return { ...dated, instanceId: ids.instance(instance), partnerId: ids.partner(partner) };
    }),
    tiers: programme.tiers.map(({ partner, ...dated }) => ({ ...dated, partnerId: ids.partner(partner) })),
    parents: programme.parents.map(({ partner, parent, ...dated }) => {
      return { ...dated, partnerId: ids.partner(partner), parentId: ids.partner(parent) };
    }),
    accountSlots: programme.slots
      .filter((slot) => isKnownAt(slot, stage))
      .map(({ instance, account, number: slot, partner, sharePpm, from, to }) => {
        return {
          accountId: ids.account(instance, account)!,
          slot,
          partnerId: ids.partner(partner),
          sharePpm,
          from,
          to,
        };
      }),
    housePartnerIds: programme.partners.filter(({ house }) => house).map(({ code }) => ids.partner(code)),
    shareCaps: programme.shareCaps.map(({ ppm: value, from, to }) => ({ value, from, to })),
    keepsClocks: programme.rules.some(({ firstSaleOnly, earningMonths }) => firstSaleOnly || earningMonths !== null),
    fxRate: (from, to, date) => ({ rate: rateText(programme, from, to, date), ids: [1] }),
  };
}

function versionOf(ids: Ids, rule: Rule): RuleVersion {
  const { level, scope, from, to, kind, includes, base, onRest, ratePpm, brackets, window, currency, paysIn } = rule;
  const { minSale, capSale, capWindow, firstSaleOnly, earningMonths, territory } = rule;
  return {
    id: rule.version,
    ruleId: rule.rule,
    knownSeq: rule.version,
    level,
    scope,
    scopeId: scopeIdOf(ids, rule),
    productId: ids.product(rule.product),
    from,
    to,
    kind,
    includes,
    base,
    onRest,
    ratePpm,
    flatMinor: rule.flat,
    brackets,
    bracketMode: rule.mode,
    window,
    limits: {
      products: rule.products?.map((product) => ids.product(product)!) ?? null,
      minSale,
      capSale,
      capWindow,
      firstSaleOnly,
      earningMonths,
      territory,
    },
    currency,
    paysIn,
  };
}

function scopeIdOf(ids: Ids, { scope, target }: Rule): number | string | null {
  if (target === null || scope === 'tier') return target;
  if (scope === 'partner') return ids.partner(target);
  if (scope === 'instance') return ids.instance(target);
  const [instance = '', account = ''] = target.split('/');
  return ids.account(instance, account);
}

interface Ids {
  partner(code: string): number;
  instance(code: string): number;
  product(code: string | null): number | null;
  account(instance: string, code: string | null): number | null;
}

function idsOf({ partners, instances, products, accounts }: Programme): Ids {
  const place = (list: readonly string[], code: string): number => list.indexOf(code) + 1;
  const partnerCodes = partners.map(({ code }) => code);
  const accountCodes = accounts.map(({ instance, code }) => `${instance}/${code}`);
  return {
    partner: (code) => place(partnerCodes, code),
    instance: (code) => place(instances, code),
    product: (code) => (code === null ? null : place(products, code)),
    account: (instance, code) => (code === null ? null : place(accountCodes, `${instance}/${code}`)),
  };
}
