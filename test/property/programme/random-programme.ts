import { codes, dateOf, dice, LAST_DAY, type Dice } from '../dice.ts';
import { partOf, signed, withTax } from '../random-amounts.ts';
import { changedRule, COUNTRIES, randomRules, TIERS, type World } from './random-rules.ts';
import {
  type Billed,
  type Closing,
  type Giving,
  type Place,
  type Programme,
  type Rule,
  type Sale,
  type Slot,
  type Step,
  type Voiding,
} from './words.ts';

const STAGES = 4;

/**
 * A programme of twelve months made up from a seed, valid by SEMANTICS: nothing overlaps, signs fit kinds, a sale's
 * events share its place. Four nights, in each of which late files bring more events of old sales and new ones,
 * operators change rules and attributions after the fact, and take back, rate again and true up what was decided.
 */
export function randomProgramme(seed: number): Programme {
  const random = dice(seed);
  const partners = codes('partner', random.between(2, 5)).map((code) => ({ code, house: random.chance(0.06) }));
  const instances = codes('inst', random.between(1, 3));
  const products = codes('prod', random.between(0, 2));
  const accounts = instances.flatMap((instance) =>
    codes('acc', random.between(0, 3)).map((code) => {
      return { instance, code, country: random.chance(0.7) ? random.pick(COUNTRIES) : null };
    }),
  );
  const currencies = random.pick([['EUR'], ['EUR', 'EUR', 'EUR', 'GBP'], ['JPY', 'JPY', 'EUR'], ['KWD', 'KWD', 'JPY']]);
  const world: World = { partners, instances, products, accounts, currencies, converts: random.chance(0.3) };
  const agreements = instances.flatMap((instance) => randomAgreements(random, instance, partners));
  const { sales, events } = randomEvents(random, world);

  let rules = randomRules(random, world);
  let slots = accounts.flatMap(({ instance, code }): Slot[] => {
    if (!random.chance(0.3)) return [];
    const from = random.chance(0.5) ? null : dateOf(random.day());
    return randomSlots(random, world, { instance, account: code, from, known: 0, first: 1 });
  });
  const acts: Step[] = [];
  let id = events.length;
  const numbered = (stage: number): { id: number; stage: number; on: string } => {
    id += 1;
    return { id, stage, on: dateOf(Math.round((LAST_DAY * stage) / STAGES)) };
  };

  for (let stage = 1; stage <= STAGES; stage += 1) {
    const decided = events.filter((event) => event.stage <= stage);
    if (stage > 1 && random.chance(0.5)) {
      const changed: Rule[] = changedRule(random, world, rules, stage);
      rules = changed;
      for (const target of randomTargets(random, decided, acts))
        acts.push({ ...numbered(stage), kind: 'rerate', ...target });
    }
    if (stage > 1 && accounts.length > 0 && random.chance(0.5)) {
      const { instance, code: account } = random.pick(accounts);
      const from = random.chance(0.4) ? null : dateOf(random.day());
      slots = reattributed(random, world, slots, { instance, account, from, known: stage });
      const theirs = decided.filter((event) => event.instance === instance && event.account === account);
      for (const target of randomTargets(random, theirs, acts)) {
        acts.push({ ...numbered(stage), kind: 'reattribution', ...target });
      }
    }
    for (let count = random.between(0, 3); count > 0; count -= 1) {
      const given = acts.filter((act) => ['bonus', 'opening', 'write_off'].includes(act.kind));
      const voided = acts.flatMap((act) => (act.kind === 'void' ? [act.voids] : []));
      const open = [...decided, ...given].filter((one) => !voided.includes(one.id));
      if (open.length > 0)
        acts.push({ ...numbered(stage), kind: 'void', voids: random.pick(open).id } satisfies Voiding);
    }
    if (random.chance(0.3)) {
      const amount = BigInt(random.between(-5000, 5000));
      const place = { instance: random.pick(instances), currency: random.pick(currencies) };
      const kind = random.pick(['bonus', 'write_off', 'opening'] as const);
      acts.push({ ...numbered(stage), kind, ...place, partner: random.pick(partners).code, amount } satisfies Giving);
    }
    acts.push({ ...numbered(stage), kind: 'close_windows' } satisfies Closing);
  }

  return {
    seed,
    partners,
    instances,
    products,
    accounts,
    agreements,
    tiers: partners.flatMap(({ code: partner }): Programme['tiers'] => {
      if (random.chance(0.3)) return [];
      const change = dateOf(random.day());
      return [
        { partner, tier: random.pick(TIERS), from: null, to: change },
        { partner, tier: random.pick(TIERS), from: change, to: null },
      ];
    }),
    parents: randomParents(random, partners),
    slots,
    shareCaps: randomShareCaps(random),
    rules,
    rates: world.converts ? randomRates(random, currencies) : [],
    sales,
    steps: [...events, ...acts],
  };
}

function randomAgreements(random: Dice, instance: string, partners: World['partners']): Programme['agreements'] {
  const partner = random.pick(partners).code;
  if (random.chance(0.6)) return [{ instance, partner, from: null, to: null }];
  const end = random.day();
  const gap = random.chance(0.5) ? 0 : random.between(1, 60);
  return [
    { instance, partner, from: null, to: dateOf(end) },
    { instance, partner: random.pick(partners).code, from: dateOf(end + gap), to: null },
  ];
}

/** Resellers under partners: the later partner of the list stands above, so that no line ends in a circle. */
function randomParents(random: Dice, partners: World['partners']): Programme['parents'] {
  return partners.slice(0, -1).flatMap(({ code: partner }, index): Programme['parents'] => {
    if (random.chance(0.3)) return [];
    const above = (): string => random.pick(partners.slice(index + 1)).code;
    if (random.chance(0.6)) return [{ partner, parent: above(), from: null, to: null }];
    const change = dateOf(random.day());
    return [
      { partner, parent: above(), from: null, to: change },
      { partner, parent: above(), from: change, to: null },
    ];
  });
}

function randomShareCaps(random: Dice): Programme['shareCaps'] {
  if (random.chance(0.6)) return [];
  const ppm = (): number => random.pick([50_000, 120_000, 200_000, random.between(1, 1_000_000)]);
  const change = dateOf(random.day());
  return [
    { ppm: ppm(), from: null, to: change },
    { ppm: ppm(), from: change, to: null },
  ];
}

/** A rate every third day, so that none is ever too old. */
function randomRates(random: Dice, currencies: readonly string[]): Programme['rates'] {
  const known = [...new Set(currencies)];
  const pairs = known.flatMap((from) => known.filter((to) => to !== from).map((to) => ({ from, to })));
  return pairs.flatMap(({ from, to }) =>
    Array.from({ length: 123 }, (_, third) => {
      const digits = String(random.between(1, 2_000_000)).padStart(5, '0');
      return { on: dateOf(third * 3), from, to, rate: `${digits.slice(0, -4)}.${digits.slice(-4)}` };
    }),
  );
}

interface Attribution {
  readonly instance: string;
  readonly account: string;
  readonly from: string | null;
  readonly known: number;
}

/** One to three partners that share an account from a day on. */
function randomSlots(
  random: Dice,
  { partners }: World,
  { instance, account, from, known, first }: Attribution & { readonly first: number },
): Slot[] {
  const sharers = partners.filter(() => random.chance(0.5)).slice(0, 3);
  if (sharers.length === 0) sharers.push(random.pick(partners));
  const weights = sharers.map(() => random.pick([1, 1, 2, random.between(1, 999)]));
  const total = weights.reduce((all, weight) => all + weight, 0);
  const shares = weights.map((weight) => Math.floor((weight * 1_000_000) / total));
  shares[0]! += 1_000_000 - shares.reduce((all, share) => all + share, 0);
  return sharers.map(({ code: partner }, index) => {
    const share = { number: first + index, partner, sharePpm: shares[index]! };
    return { instance, account, ...share, from, to: null, knownFrom: known, knownUntil: null };
  });
}

/** From a day on the account is others': under numbers of their own, so that no share ever changes its partner. */
function reattributed(random: Dice, world: World, slots: readonly Slot[], to: Attribution): Slot[] {
  const theirs = slots.filter(({ instance, account }) => instance === to.instance && account === to.account);
  const first = Math.max(0, ...theirs.map(({ number }) => number)) + 1;
  const kept = slots.flatMap((slot): Slot[] => {
    if (!theirs.includes(slot) || slot.knownUntil !== null) return [slot];
    const retired = { ...slot, knownUntil: to.known };
    const startsBefore = to.from !== null && (slot.from === null || slot.from < to.from);
    if (!startsBefore) return [retired];
    const endsBefore = slot.to !== null && slot.to <= to.from!;
    return endsBefore ? [slot] : [retired, { ...slot, to: to.from, knownFrom: to.known }];
  });
  return [...kept, ...randomSlots(random, world, { ...to, first })];
}

/** Some sales, and events that are their own, that have been decided and do not stand voided. */
function randomTargets(
  random: Dice,
  decided: readonly Billed[],
  acts: readonly Step[],
): { sale: string | null; event: number | null }[] {
  const voided = acts.flatMap((act) => (act.kind === 'void' ? [act.voids] : []));
  const refs = new Set(decided.flatMap(({ kind, sale }) => (sale !== null && kind === 'payment' ? [sale] : [])));
  const alone = decided.filter((one) => one.sale === null && one.kind === 'payment' && !voided.includes(one.id));
  return [
    ...[...refs].map((sale) => ({ sale, event: null })),
    ...alone.map(({ id }) => ({ sale: null, event: id })),
  ].filter(() => random.chance(0.3));
}

function randomEvents(random: Dice, world: World): { sales: Sale[]; events: Billed[] } {
  const sales: Sale[] = [];
  const drafts: Omit<Billed, 'id'>[] = [];
  const stage = (): number => random.pick([1, 1, 2, 2, 3, 4]);
  const country = (): string | null => (random.chance(0.3) ? random.pick(COUNTRIES) : null);
  const where = (): Place => {
    const instance = random.pick(world.instances);
    const accounts = world.accounts.filter((account) => account.instance === instance);
    return {
      instance,
      account: accounts.length === 0 || random.chance(0.2) ? null : random.pick(accounts).code,
      product: world.products.length === 0 || random.chance(0.3) ? null : random.pick(world.products),
      currency: random.pick(world.currencies),
    };
  };

  while (drafts.length < 45) {
    if (random.chance(0.4)) {
      const kind = random.pick(LONE_KINDS);
      const net = kind === 'signup' ? 0n : signed(random, kind, random.amount());
      const sold = { ...where(), net, gross: withTax(random, net), wholesale: cost(random, net), country: country() };
      drafts.push({ kind, ...sold, on: dateOf(saleDay(random)), stage: stage(), sale: null });
      continue;
    }
    const net = random.chance(0.04) ? 0n : random.amount();
    const day = saleDay(random);
    const ref = `s${sales.length + 1}`;
    const place = where();
    const date = random.chance(0.6) ? dateOf(day) : null;
    sales.push({ ref, ...place, net, gross: withTax(random, net), wholesale: cost(random, net), date });
    const count = random.between(1, 5);
    for (let index = 0; index < count; index += 1) {
      const kind = index === 0 && random.chance(0.8) ? 'payment' : random.pick(SALE_KINDS);
      const moved = signed(random, kind, partOf(random, net));
      const on = dateOf(Math.min(LAST_DAY, day + random.between(0, 90)));
      const event = { kind, ...place, net: moved, gross: withTax(random, moved), wholesale: null, country: country() };
      drafts.push({ ...event, on, stage: stage(), sale: ref });
    }
  }
  // Files do not come in the order in which things happened.
  const shuffled = drafts.map((draft) => ({ draft, at: random.next() })).sort((a, b) => a.at - b.at);
  shuffled.sort((a, b) => a.draft.stage - b.draft.stage);
  return { sales, events: shuffled.map(({ draft }, index) => ({ id: index + 1, ...draft })) };
}

/** The last days of the months, on which windows end and, months later, clocks. */
const MONTH_ENDS = [30, 58, 89, 119, 150, 180, 211, 242, 272, 303, 333, 364] as const;

function saleDay(random: Dice): number {
  return random.chance(0.3) ? random.pick(MONTH_ENDS) : random.day();
}

const LONE_KINDS = [
  ...Array<'payment'>(6).fill('payment'),
  'refund',
  'credit_note',
  'chargeback',
  'chargeback_won',
  'signup',
  'adjustment',
] as const;
const SALE_KINDS = [
  ...Array<'payment'>(4).fill('payment'),
  'refund',
  'refund',
  'credit_note',
  'chargeback',
  'chargeback_won',
  'adjustment',
] as const;

/** What the operator takes of it before anybody earns: nothing said, a part, or more than all. */
function cost(random: Dice, net: bigint): bigint | null {
  return random.chance(0.4) ? null : (net * BigInt(random.between(0, 110))) / 100n;
}
