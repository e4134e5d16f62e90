import { codes, dateOf, dice, LAST_DAY, type Dice } from './dice.ts';
import { partOf, signed, withTax } from './random-amounts.ts';

/**
 * A small programme made up from a seed: tenants, partners, instances, agreements, tiers, accounts, rules, sales and
 * events over twelve months, all of it valid by SEMANTICS (nothing overlaps, signs fit kinds, a sale's events share its
 * instance, account, product and currency). Plain data with codes instead of ids, so that one book can be rated in
 * memory, imported through a database and decided by the oracle. Imports nothing from src.
 */
export type BookEventKind =
  'payment' | 'refund' | 'chargeback' | 'chargeback_won' | 'credit_note' | 'signup' | 'adjustment';

export interface BookRule {
  readonly id: number;
  readonly scope: 'account' | 'instance' | 'partner' | 'tier' | 'programme';
  /** The code the scope names ('INSTANCE/CODE' for an account, the tier's code for a tier); null for the programme. */
  readonly target: string | null;
  readonly product: string | null;
  /** `[from, to)` */
  readonly from: string;
  readonly to: string | null;
  readonly kind: 'percentage' | 'flat' | 'exclude';
  readonly includes: boolean;
  readonly base: 'net' | 'gross';
  readonly ratePpm: number | null;
  readonly flatMinor: bigint | null;
  readonly currency: string | null;
}

export interface BookSale {
  readonly ref: string;
  readonly instance: string;
  /** The account's code inside the instance. */
  readonly account: string | null;
  readonly product: string | null;
  readonly currency: string;
  readonly saleNet: bigint;
  readonly saleGross: bigint;
  /**
   * The invoice date its rows carry, or null for the date of the first recorded payment. Either way the sale is not
   * known before a payment of it has been imported.
   */
  readonly saleDate: string | null;
}

export interface BookEvent {
  /** Ascends in the order of import. */
  readonly id: number;
  /** Imported, and accrued to the end of the book, with everything of the same batch; batches come one after another. */
  readonly batch: 1 | 2;
  readonly kind: BookEventKind;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly currency: string;
  /** Signed minor units. */
  readonly net: bigint;
  readonly gross: bigint;
  readonly occurredOn: string;
  /** Names one of `sales`; null for an event without a sale. */
  readonly saleRef: string | null;
}

export interface RandomBook {
  readonly seed: number;
  /** First and last date of its events. */
  readonly from: string;
  readonly to: string;
  readonly tenants: readonly { readonly code: string }[];
  readonly partners: readonly { readonly code: string; readonly house: boolean }[];
  /** `partner` is the founding partner. */
  readonly instances: readonly { readonly code: string; readonly tenant: string; readonly partner: string }[];
  /** `from` null: since ever. Without transfers each instance has exactly one, of its founding partner, open at both ends. */
  readonly agreements: readonly {
    readonly instance: string;
    readonly partner: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly tiers: readonly {
    readonly partner: string;
    readonly tier: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly products: readonly string[];
  readonly accounts: readonly { readonly instance: string; readonly code: string }[];
  readonly rules: readonly BookRule[];
  readonly sales: readonly BookSale[];
  /** In the order of import, which is the order of their ids. */
  readonly events: readonly BookEvent[];
}

/** What a book may contain; all of it unless switched off, for pipelines that have no command for it yet. */
export interface BookFeatures {
  /** Agreements that change hands or leave a gap. */
  readonly transfers?: boolean;
  /** Partners with tiers, and rules for tiers. */
  readonly tiers?: boolean;
  readonly houses?: boolean;
  readonly adjustments?: boolean;
  /** A second batch, in which late payments make sales known. */
  readonly batches?: boolean;
  /** How many events at least; the default is 40. */
  readonly events?: number;
}

const CURRENCIES = ['GBP', 'GBP', 'GBP', 'EUR', 'JPY', 'KWD'] as const;
const TIERS = ['bronze', 'silver', 'gold'] as const;

/** The book of a seed: the same seed and features give the same book. */
export function randomBook(seed: number, features: BookFeatures = {}): RandomBook {
  const has = { transfers: true, tiers: true, houses: true, adjustments: true, batches: true, events: 40, ...features };
  const random = dice(seed);

  const tenants = codes('tenant', random.between(1, 3)).map((code) => ({ code }));
  const partners = codes('partner', random.between(1, 4)).map((code) => ({
    code,
    house: has.houses && random.chance(0.15),
  }));
  const instances = codes('inst', random.between(1, 4)).map((code) => ({
    code,
    tenant: random.pick(tenants).code,
    partner: random.pick(partners).code,
  }));
  const agreements = instances.flatMap(({ code: instance, partner }): RandomBook['agreements'] => {
    if (!has.transfers || random.chance(0.6)) return [{ instance, partner, from: null, to: null }];
    const end = random.day();
    const gap = random.chance(0.5) ? 0 : random.between(1, 60);
    const next = random.pick(partners).code;
    return [
      { instance, partner, from: null, to: dateOf(end) },
      { instance, partner: next, from: dateOf(end + gap), to: null },
    ];
  });
  const tiers = partners.flatMap(({ code: partner }): RandomBook['tiers'] => {
    if (!has.tiers || random.chance(0.3)) return [];
    const change = dateOf(random.day());
    return [
      { partner, tier: random.pick(TIERS), from: null, to: change },
      { partner, tier: random.pick(TIERS), from: change, to: null },
    ];
  });
  const products = codes('prod', random.between(0, 3));
  const accounts = instances.flatMap(({ code: instance }) =>
    codes('acc', random.between(0, 3)).map((code) => ({ instance, code })),
  );
  const rules = randomRules(random, { partners, instances, accounts, products, tiers: has.tiers });
  const { sales, events } = randomEvents(random, { instances, accounts, products }, has);

  return {
    seed,
    from: dateOf(0),
    to: dateOf(LAST_DAY),
    tenants,
    partners,
    instances,
    agreements,
    tiers,
    products,
    accounts,
    rules,
    sales,
    events,
  };
}

function randomRules(
  random: Dice,
  world: {
    readonly partners: readonly { readonly code: string }[];
    readonly instances: readonly { readonly code: string }[];
    readonly accounts: readonly { readonly instance: string; readonly code: string }[];
    readonly products: readonly string[];
    readonly tiers: boolean;
  },
): BookRule[] {
  const targets: [BookRule['scope'], string | null][] = [
    ['programme', null],
    ...world.partners.map(({ code }): [BookRule['scope'], string] => ['partner', code]),
    ...world.instances.map(({ code }): [BookRule['scope'], string] => ['instance', code]),
    ...world.accounts.map(({ instance, code }): [BookRule['scope'], string] => ['account', `${instance}/${code}`]),
    ...(world.tiers ? TIERS.map((tier): [BookRule['scope'], string] => ['tier', tier]) : []),
  ];
  const rules: BookRule[] = [];
  for (const [scope, target] of targets) {
    for (const product of [null, ...world.products]) {
      const likely = scope === 'programme' && product === null ? 0.85 : 0.2;
      if (!random.chance(likely)) continue;
      // Versions follow one another, sometimes with a gap between; the last one is open more often than not.
      let from = random.chance(0.7) ? 0 : random.day();
      for (let version = random.between(1, 3); version > 0 && from <= LAST_DAY; version -= 1) {
        const length = random.between(1, 250);
        const to = version === 1 && random.chance(0.7) ? null : dateOf(from + length);
        rules.push({ id: rules.length + 1, scope, target, product, from: dateOf(from), to, ...randomTerms(random) });
        if (to === null) break;
        from += length + (random.chance(0.7) ? 0 : random.between(1, 40));
      }
    }
  }
  return rules;
}

function randomTerms(
  random: Dice,
): Pick<BookRule, 'kind' | 'includes' | 'base' | 'ratePpm' | 'flatMinor' | 'currency'> {
  const base = random.chance(0.75) ? 'net' : 'gross';
  const includes = random.chance(0.2);
  if (random.chance(0.12)) {
    return { kind: 'exclude', includes: false, base: 'net', ratePpm: null, flatMinor: null, currency: null };
  }
  if (random.chance(0.2)) {
    const flatMinor = BigInt(random.pick([0, 1, 250, 500, random.between(1, 20_000)]));
    return { kind: 'flat', includes, base: 'net', ratePpm: null, flatMinor, currency: random.pick(CURRENCIES) };
  }
  const ratePpm = random.pick([0, 1, 72_500, 100_000, 125_000, 1_000_000, random.between(1, 400_000)]);
  return { kind: 'percentage', includes, base, ratePpm, flatMinor: null, currency: null };
}

type Where = Pick<BookEvent, 'instance' | 'account' | 'product' | 'currency'>;

function randomEvents(
  random: Dice,
  world: Pick<RandomBook, 'instances' | 'accounts' | 'products'>,
  has: Required<BookFeatures>,
): { sales: BookSale[]; events: BookEvent[] } {
  const sales: BookSale[] = [];
  const drafts: Omit<BookEvent, 'id'>[] = [];
  const batch = (): 1 | 2 => (has.batches && random.chance(0.35) ? 2 : 1);
  const where = (): Where => {
    const instance = random.pick(world.instances).code;
    const accounts = world.accounts.filter((account) => account.instance === instance);
    return {
      instance,
      account: accounts.length === 0 || random.chance(0.2) ? null : random.pick(accounts).code,
      product: world.products.length === 0 || random.chance(0.2) ? null : random.pick(world.products),
      currency: random.pick(CURRENCIES),
    };
  };

  while (drafts.length < has.events) {
    if (random.chance(0.4)) {
      const kind = random.pick(has.adjustments ? LONE_KINDS : LONE_KINDS.filter((lone) => lone !== 'adjustment'));
      const net = signed(random, kind, kind === 'signup' ? 0n : random.amount());
      const event = { kind, ...where(), net, gross: withTax(random, net), occurredOn: dateOf(random.day()) };
      drafts.push({ ...event, batch: batch(), saleRef: null });
      continue;
    }

    const saleNet = random.chance(0.07) ? 0n : random.amount();
    const sale = { ref: `sale-${sales.length + 1}`, ...where(), saleNet, saleGross: withTax(random, saleNet) };
    const saleDay = random.day();
    sales.push({ ...sale, saleDate: random.chance(0.6) ? dateOf(saleDay) : null });
    for (let count = random.between(1, 6); count > 0; count -= 1) {
      const kind = random.pick(has.adjustments ? SALE_KINDS : SALE_KINDS.filter((one) => one !== 'adjustment'));
      const net = kind === 'signup' ? 0n : signed(random, kind, partOf(random, saleNet));
      const { instance, account, product, currency } = sale;
      const occurredOn = dateOf(Math.min(LAST_DAY, saleDay + random.between(0, 90)));
      const event = { kind, instance, account, product, currency, net, gross: withTax(random, net), occurredOn };
      drafts.push({ ...event, batch: batch(), saleRef: sale.ref });
    }
  }

  // Files do not come in the order in which things happened.
  const shuffled = drafts.map((draft) => ({ draft, at: random.next() })).sort((a, b) => a.at - b.at);
  shuffled.sort((a, b) => a.draft.batch - b.draft.batch);
  return { sales, events: shuffled.map(({ draft }, index) => ({ id: index + 1, ...draft })) };
}

const LONE_KINDS: readonly BookEventKind[] = [
  'payment',
  'payment',
  'payment',
  'payment',
  'payment',
  'refund',
  'credit_note',
  'chargeback',
  'chargeback_won',
  'signup',
  'adjustment',
];
const SALE_KINDS: readonly BookEventKind[] = [
  'payment',
  'payment',
  'payment',
  'payment',
  'refund',
  'refund',
  'credit_note',
  'chargeback',
  'chargeback_won',
  'signup',
  'adjustment',
];
