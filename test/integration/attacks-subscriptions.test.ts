import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { SUBSCRIPTION_STATUSES, SUBSCRIPTION_TRANSITIONS } from '../../src/domain/subscription-status.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq } from '../books.ts';
import { testDatabase } from '../database.ts';

interface Scene extends BooksScene {
  readonly plan: number;
  readonly meter: number;
  /** Active from 1 January 2026 at acme-uk, suspended from 1 June, its end planned for 1 September. */
  readonly subscription: number;
  readonly seq: number;
}

let scene: Scene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  scene = await opened.logins.operator.transaction(async (tx) => {
    const [plan] = await tx.sql<
      { id: number }[]
    >`insert into plans (code, name) values ('pro', 'Pro') returning id::int`;
    const [meter] = await tx.sql<{ id: number }[]>`insert into meters (code) values ('calls') returning id::int`;
    const seq = await drawKnownSeq(tx, 'the scene');
    const made = { ...opened, plan: plan!.id, meter: meter!.id, seq, subscription: 0 };
    await price(tx, made, { seq });
    await terms(tx, made, { seq });
    const subscription = await subscribe(tx, made, { seq });
    const here = { ...made, subscription };
    await state(tx, here, { seq, ordinal: 2, status: 'suspended', on: '2026-06-01' });
    await state(tx, here, { seq, ordinal: 3, status: 'cancelled', on: '2026-09-01' });
    return here;
  });
});
afterAll(async () => await scene.database.drop());

interface SaidPrice {
  readonly seq?: number;
  readonly plan?: number | null;
  readonly meter?: number | null;
  readonly cycle?: string | null;
  readonly region?: string | null;
  readonly wholesale?: number | null;
  readonly unit?: string | null;
  readonly valid?: string;
}

/** 12.00 wholesale, 20.00 list, but for what is told. */
async function price(tx: Connection, s: Scene, said: SaidPrice): Promise<void> {
  const { seq = await drawKnownSeq(tx, 'a price'), plan = s.plan, meter = null, cycle = 'monthly' } = said;
  const { region = null, wholesale = 1200, unit = null, valid = '[2026-01-01,)' } = said;
  await tx.sql`
    insert into prices (plan_id, meter_id, cycle, region, currency, wholesale_minor, list_minor, unit_price, valid, known_seq)
    values (${plan}, ${meter}, ${cycle}, ${region}, 'EUR', ${wholesale}, ${wholesale === null ? null : 2000}, ${unit}, ${valid}, ${seq})`;
}

interface SaidTerms {
  readonly seq?: number;
  readonly territory?: string;
  readonly products?: string;
  readonly limit?: string;
  readonly valid?: string;
}

async function terms(tx: Connection, s: Scene, said: SaidTerms): Promise<void> {
  const {
    seq = await drawKnownSeq(tx, 'terms'),
    territory = '{AT,DE}',
    products = null,
    limit = '{"EUR": 5000}',
  } = said;
  await tx.sql`
    insert into partner_terms (partner_id, territory, product_ids, minimum_order, credit_limit, valid, known_seq)
    values (${s.books.partner['acme']!}, ${territory}, ${products}, ${limit}::text::jsonb, '{}', ${said.valid ?? '[2026-01-01,)'}, ${seq})`;
}

interface Said {
  readonly seq?: number;
  readonly account?: string;
  readonly states?: boolean;
  readonly costs?: Partial<Cost> | null;
  readonly begins?: string;
}
interface Cost {
  readonly wholesale: number;
  readonly quantity: number;
  readonly valid: string;
}

async function subscribe(tx: Connection, s: Scene, said: Said): Promise<number> {
  const {
    seq = await drawKnownSeq(tx, 'a subscription'),
    account,
    states = true,
    costs = {},
    begins = '2026-01-01',
  } = said;
  const [row] = await tx.sql<{ id: number }[]>`
    insert into subscriptions (code, instance_id, account_id, plan_id, cycle, currency)
    values (${`s${seq}`}, ${s.books.instance['acme-uk']!}, ${account === undefined ? null : s.books.account[account]!}, ${s.plan}, 'monthly', 'EUR')
    returning id::int`;
  const here = { ...s, subscription: row!.id };
  if (costs !== null) await cost(tx, here, { seq, ...costs });
  if (states) await state(tx, here, { seq, ordinal: 1, status: 'active', on: begins });
  return row!.id;
}

async function cost(tx: Connection, s: Scene, said: Partial<Cost> & { readonly seq?: number }): Promise<void> {
  const { seq = await drawKnownSeq(tx, 'a cost'), wholesale = 1200, quantity = 1, valid = '[2026-01-01,)' } = said;
  await tx.sql`
    insert into subscription_terms (subscription_id, quantity, wholesale_minor, price_minor, valid, known_seq)
    values (${s.subscription}, ${quantity}, ${wholesale}, 2000, ${valid}, ${seq})`;
}

interface SaidState {
  readonly seq?: number;
  readonly ordinal: number;
  readonly status: string;
  readonly on: string;
}

async function state(tx: Connection, s: Scene, { seq, ordinal, status, on }: SaidState): Promise<void> {
  await tx.sql`
    insert into subscription_states (subscription_id, ordinal, status, starts_on, known_seq)
    values (${s.subscription}, ${ordinal}, ${status}, ${on}, ${seq ?? (await drawKnownSeq(tx, 'a state'))})`;
}

it('lets honest subscriptions, prices and terms through', async () => {
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    const honest: ((tx: Connection) => Promise<unknown>)[] = [
      async (tx) => await price(tx, scene, { region: 'CH' }),
      async (tx) =>
        await price(tx, scene, { plan: null, meter: scene.meter, cycle: null, wholesale: null, unit: '0.0004' }),
      async (tx) => await price(tx, scene, { valid: '[2025-01-01,2026-01-01)' }),
      async (tx) => await subscribe(tx, scene, { account: 'acme-uk/C1' }),
      async (tx) => await state(tx, scene, { ordinal: 4, status: 'active', on: '2026-07-01' }),
      async (tx) => await state(tx, scene, { ordinal: 4, status: 'active', on: '2026-10-01' }),
      async (tx) => await state(tx, scene, { ordinal: 4, status: 'suspended', on: '2026-08-01' }),
      async (tx) => await terms(tx, scene, { valid: '[2025-01-01,2026-01-01)' }),
    ];
    for (const one of honest) expect(await refusal(db, one)).toBe('nothing');
  }
});

it('knows the same transitions as the tool', async () => {
  const rows = await scene.logins.operator.sql<{ one: string }[]>`select unnest(subscription_transitions()) as one`;
  const ours = SUBSCRIPTION_STATUSES.flatMap((from) => SUBSCRIPTION_TRANSITIONS[from].map((to) => `${from}>${to}`));
  expect(rows.map(({ one }) => one).sort()).toEqual([...ours, '>trial', '>active'].sort());
});

const kept = [
  'plans',
  'meters',
  'subscriptions',
  'subscription_states',
  'prices',
  'subscription_terms',
  'partner_terms',
];

repels(
  () => scene,
  [
    ...kept.flatMap((table) => [
      attack(`takes rows of ${table} away`, ['42501', 'RV001'], ({ sql }) => sql.unsafe(`delete from ${table}`)),
      attack(`empties ${table}`, ['42501', 'RV001'], ({ sql }) => sql.unsafe(`truncate ${table} cascade`)),
    ]),
    attack('renames a plan', ['42501', 'RV001'], ({ sql }) => sql`update plans set name = 'Other'`),
    attack('moves a subscription', ['42501', 'RV001'], ({ sql }) => sql`update subscriptions set currency = 'USD'`),
    attack(
      'rewrites what became of one',
      ['42501', 'RV001'],
      ({ sql }) => sql`update subscription_states set starts_on = '2025-01-01'`,
    ),
    attack('changes a price', ['42501', 'RV001'], ({ sql }) => sql`update prices set wholesale_minor = 1`),
    attack(
      'changes what it costs',
      ['42501', 'RV001'],
      ({ sql }) => sql`update subscription_terms set wholesale_minor = 1`,
    ),
    attack('changes an authority', ['42501', 'RV001'], ({ sql }) => sql`update partner_terms set territory = null`),
    attack('prices a day twice', '23P01', async (tx, s) => await price(tx, s, { valid: '[2026-05-01,2026-05-02)' })),
    attack(
      'prices under a number that was read',
      'RV002',
      async (tx, s) => await price(tx, s, { seq: s.seq, region: 'CH' }),
    ),
    attack(
      'retires a price under a number that was read',
      'RV002',
      ({ sql }, s) => sql`update prices set retired_seq = ${s.seq}`,
    ),
    attack(
      'prices a plan without a cycle',
      '23514',
      async (tx, s) => await price(tx, s, { cycle: null, region: 'CH' }),
    ),
    attack(
      'prices a meter a cycle',
      '23514',
      async (tx, s) => await price(tx, s, { plan: null, meter: s.meter, region: 'CH' }),
    ),
    attack('prices nothing', '23514', async (tx, s) => await price(tx, s, { plan: null, region: 'CH' })),
    attack('prices below zero', '23514', async (tx, s) => await price(tx, s, { wholesale: -1, region: 'CH' })),
    attack('prices a region that is none', '23514', async (tx, s) => await price(tx, s, { region: 'ch' })),
    attack(
      'prices a unit that is no number',
      '23514',
      async (tx, s) => await price(tx, s, { plan: null, meter: s.meter, cycle: null, wholesale: null, unit: 'NaN' }),
    ),
    attack(
      'subscribes another instance’s account',
      '23503',
      async (tx, s) => await subscribe(tx, s, { account: 'zenith-de/C1' }),
    ),
    attack('subscribes without beginning', 'RV002', async (tx, s) => await subscribe(tx, s, { states: false })),
    attack('subscribes for nothing said', 'RV002', async (tx, s) => await subscribe(tx, s, { costs: null })),
    attack('has terms only after it began', 'RV002', async (tx, s) => await subscribe(tx, s, { begins: '2025-12-31' })),
    attack(
      'costs two prices on a day',
      '23P01',
      async (tx, s) => await cost(tx, s, { valid: '[2026-05-01,2026-05-02)' }),
    ),
    attack('costs below zero', '23514', async (tx, s) => await subscribe(tx, s, { costs: { wholesale: -1 } })),
    attack(
      'costs more than there is',
      '23514',
      async (tx, s) => await subscribe(tx, s, { costs: { wholesale: 1e13, quantity: 1000 } }),
    ),
    attack('has no unit', '23514', async (tx, s) => await subscribe(tx, s, { costs: { quantity: 0 } })),
    attack(
      'goes from suspended to trial',
      'RV004',
      async (tx, s) => await state(tx, s, { ordinal: 4, status: 'trial', on: '2026-07-01' }),
    ),
    attack(
      'is cancelled once more with nothing planned behind it',
      'RV004',
      async (tx, s) => await state(tx, s, { ordinal: 4, status: 'cancelled', on: '2026-10-01' }),
    ),
    attack(
      'becomes something before it began',
      'RV004',
      async (tx, s) => await state(tx, s, { ordinal: 4, status: 'active', on: '2025-07-01' }),
    ),
    attack(
      'leaves a gap in its states',
      'RV002',
      async (tx, s) => await state(tx, s, { ordinal: 5, status: 'active', on: '2026-07-01' }),
    ),
    attack(
      'says a state twice',
      ['RV002', 'RV002'],
      async (tx, s) => await state(tx, s, { ordinal: 3, status: 'active', on: '2026-07-01' }),
    ),
    attack(
      'becomes something under a number that was read',
      'RV002',
      async (tx, s) => await state(tx, s, { seq: s.seq, ordinal: 4, status: 'active', on: '2026-07-01' }),
    ),
    attack(
      'limits a partner twice',
      '23P01',
      async (tx, s) => await terms(tx, s, { valid: '[2026-05-01,2026-05-02)' }),
    ),
    attack(
      'limits to a country that is none',
      '23514',
      async (tx, s) => await terms(tx, s, { territory: '{Austria}', valid: '[2025-01-01,2025-02-01)' }),
    ),
    attack(
      'limits to a product that is none',
      '23503',
      async (tx, s) => await terms(tx, s, { products: '{999}', valid: '[2025-01-01,2025-02-01)' }),
    ),
    attack(
      'limits to an amount below zero',
      '23514',
      async (tx, s) => await terms(tx, s, { limit: '{"EUR": -1}', valid: '[2025-01-01,2025-02-01)' }),
    ),
    attack(
      'limits in a currency that is none',
      '23503',
      async (tx, s) => await terms(tx, s, { limit: '{"XQQ": 1}', valid: '[2025-01-01,2025-02-01)' }),
    ),
  ],
);
