import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq, ledgerAccount, recordBatch } from '../books.ts';
import { testDatabase } from '../database.ts';

interface Scene extends BooksScene {
  readonly subscription: number;
  readonly terms: number;
  readonly meter: number;
  /** 100 units of 0.05 EUR at acme-uk on 5 October 2026. */
  readonly usage: number;
  readonly accounts: Readonly<Record<'receivable' | 'revenue' | 'cash' | 'wallet', number>>;
}

let scene: Scene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books } = opened;
  scene = await opened.logins.operator.transaction(async (tx) => {
    const { sql } = tx;
    const seq = await drawKnownSeq(tx, 'the scene');
    const one = async (rows: Promise<readonly { id: number }[]>) => (await rows)[0]!.id;
    const place = { instance_id: books.instance['acme-uk']!, partner_id: books.partner['acme']! };
    const plan = await one(sql`insert into plans (code, name) values ('pro', 'Pro') returning id::int`);
    const meter = await one(sql`insert into meters (code) values ('calls') returning id::int`);
    await sql`insert into prices (meter_id, currency, unit_price, valid, known_seq) values (${meter}, 'EUR', 0.05, '[2026-01-01,)', ${seq})`;
    const subscription = await one(sql`
      insert into subscriptions (code, instance_id, plan_id, cycle, currency)
      values ('shop', ${place.instance_id}, ${plan}, 'monthly', 'EUR') returning id::int`);
    const terms = await one(sql`
      insert into subscription_terms (subscription_id, quantity, wholesale_minor, price_minor, valid, known_seq)
      values (${subscription}, 2, 600, 1000, '[2026-01-01,)', ${seq}) returning id::int`);
    await sql`
      insert into subscription_states (subscription_id, ordinal, status, starts_on, known_seq)
      values (${subscription}, 1, 'active', '2026-01-01', ${seq})`;
    await sql`
      insert into subscription_states (subscription_id, ordinal, status, starts_on, known_seq)
      values (${subscription}, 2, 'suspended', '2026-11-01', ${seq})`;
    const batch = await one(
      sql`insert into usage_batches (file_name, file_sha256) values ('u.csv', ${'0'.repeat(64)}) returning id::int`,
    );
    const usage = await one(sql`
      insert into usage_records (batch_id, instance_id, meter_id, external_id, quantity, used_on, currency)
      values (${batch}, ${place.instance_id}, ${meter}, 'u', 100, '2026-10-05', 'EUR') returning id::int`);
    const account = async (type: string, at: boolean) =>
      await one(
        sql`insert into ledger_accounts ${sql({ type, currency: 'EUR', ...(at ? place : {}) })} returning id::int`,
      );
    return {
      ...opened,
      ...{ subscription, terms, meter, usage },
      accounts: {
        receivable: await account('wholesale_receivable', true),
        revenue: await account('wholesale_revenue', false),
        cash: await account('cash', false),
        wallet: await ledgerAccount(tx, { instanceId: place.instance_id, partnerId: place.partner_id }),
      },
    };
  });
});
afterAll(async () => await scene.database.drop());

interface Said {
  readonly of?: 'cycle' | 'usage';
  readonly from?: string;
  readonly minor?: number;
  readonly partner?: string;
  readonly instance?: string;
  readonly quantity?: number;
  readonly on?: string;
  readonly posted?: string;
  readonly posting?: number;
  readonly uses?: boolean;
  /** What the transfer is of; null: none. */
  readonly transfer?: number | null;
  readonly to?: 'revenue' | 'wallet';
}

const posting = async ({ sql }: Connection) =>
  (await sql<{ id: number }[]>`insert into postings (kind) values ('wholesale') returning id::int`)[0]!.id;

/** October of the subscription, 12.00 EUR, or its usage, 5.00 EUR, and what it posts, but for what is told. */
async function charge(tx: Connection, s: Scene, said: Said): Promise<void> {
  const {
    of = 'cycle',
    from = '2026-10-01',
    partner = 'acme',
    instance = 'acme-uk',
    uses = true,
    to = 'revenue',
  } = said;
  const cycle = of === 'cycle';
  const {
    minor = cycle ? 1200 : 500,
    quantity = cycle ? 2 : 100,
    on = cycle ? from : '2026-10-05',
    posted = on,
  } = said;
  const { posting: id = await posting(tx), transfer = minor } = said;
  const [row] = await tx.sql<{ id: number }[]>`
    insert into wholesale_charges (posting_id, instance_id, partner_id, subscription_id, terms_id, cycle, meter_id, currency, quantity,
      amount_minor, charged_on, posting_date)
    values (${id}, ${s.books.instance[instance]!}, ${s.books.partner[partner]!}, ${cycle ? s.subscription : null}, ${cycle ? s.terms : null},
      case when ${cycle} then daterange(${from}, (${from}::date + interval '1 month')::date) end, ${cycle ? null : s.meter}, 'EUR', ${quantity},
      ${minor}, ${on}, ${posted}) returning id::int`;
  if (!cycle && uses) await tx.sql`insert into charged_usage (usage_id, charge_id) values (${s.usage}, ${row!.id})`;
  if (transfer === null) return;
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    values (${id}, ${s.accounts.receivable}, ${s.accounts[to]}, ${transfer}, ${cycle ? 'wholesale_subscription' : 'wholesale_usage'}, ${posted})`;
}
const charging = (said: Said) => async (tx: Connection, s: Scene) => await charge(tx, s, said);

async function receive(tx: Connection, s: Scene, { minor = 100, transfer = 100, twice = false }): Promise<void> {
  for (let time = 0; time < (twice ? 2 : 1); time += 1) {
    const id = await posting(tx);
    await tx.sql`
      insert into wholesale_receipts (posting_id, instance_id, partner_id, currency, amount_minor, reference, received_on, posting_date)
      values (${id}, ${s.books.instance['acme-uk']!}, ${s.books.partner['acme']!}, 'EUR', ${minor}, 'SEPA 1', '2026-10-05', '2026-10-05')`;
    await tx.sql`
      insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
      values (${id}, ${s.accounts.cash}, ${s.accounts.receivable}, ${transfer}, 'wholesale_received', '2026-10-05')`;
  }
}

it('lets honest charges, usage and receipts through', async () => {
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    expect(await refusal(db, async (tx) => await charge(tx, scene, {}))).toBe('nothing');
    expect(await refusal(db, async (tx) => await charge(tx, scene, { of: 'usage' }))).toBe('nothing');
    expect(await refusal(db, async (tx) => await receive(tx, scene, {}))).toBe('nothing');
  }
});

const kept = ['usage_batches', 'usage_records', 'wholesale_charges', 'charged_usage', 'wholesale_receipts'];

repels(
  () => scene,
  [
    ...kept.flatMap((table) => [
      attack(`changes rows of ${table}`, ['42501', 'RV001'], ({ sql }) =>
        sql.unsafe(`update ${table} set ${table === 'charged_usage' ? 'charge_id = 1' : 'id = default'}`),
      ),
      attack(`takes rows of ${table} away`, ['42501', 'RV001'], ({ sql }) => sql.unsafe(`delete from ${table}`)),
    ]),
    attack(
      'imports the same usage twice',
      '23505',
      ({ sql }) => sql`
      insert into usage_records (batch_id, instance_id, meter_id, external_id, quantity, used_on, currency)
      select batch_id, instance_id, meter_id, external_id, 7, used_on, currency from usage_records`,
    ),
    attack(
      'imports usage of nothing',
      '23514',
      ({ sql }) => sql`
      insert into usage_records (batch_id, instance_id, meter_id, external_id, quantity, used_on, currency)
      select batch_id, instance_id, meter_id, 'other', 0, used_on, currency from usage_records`,
    ),
    attack('charges a cycle twice', '23P01', async (tx, s) => {
      await charge(tx, s, {});
      await charge(tx, s, {});
    }),
    attack('charges days twice', '23P01', async (tx, s) => {
      await charge(tx, s, {});
      await charge(tx, s, { from: '2026-09-15' });
    }),
    attack('charges more than it cost', 'RV009', charging({ minor: 1300 })),
    attack('charges other units', 'RV009', charging({ quantity: 3 })),
    attack('charges while it is suspended', 'RV009', charging({ from: '2026-11-01' })),
    attack('charges before it began', 'RV009', charging({ from: '2025-12-01' })),
    attack('charges who never earned there', 'RV009', charging({ partner: 'zenith' })),
    attack('charges another instance', 'RV009', charging({ instance: 'acme-ie' })),
    attack('charges on another day than the cycle’s first', '23514', charging({ on: '2026-10-02' })),
    attack('posts on another day', 'RV002', charging({ posted: '2026-10-02' })),
    attack('charges without posting', 'RV011', charging({ transfer: null })),
    attack('posts less than it charges', 'RV011', charging({ transfer: 1100 })),
    attack('nets it with a wallet', 'RV011', charging({ to: 'wallet' })),
    attack('charges in a posting of decisions', 'RV011', async (tx, s) => {
      const [other] = await tx.sql<{ id: number }[]>`insert into postings (kind) values ('payout') returning id::int`;
      await charge(tx, s, { posting: other!.id });
    }),
    attack('posts without charging', 'RV011', async (tx, s) => {
      await tx.sql`
        insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
        values (${await posting(tx)}, ${s.accounts.receivable}, ${s.accounts.revenue}, 5, 'wholesale_usage', '2026-10-05')`;
    }),
    attack('charges usage that is not there', 'RV009', charging({ of: 'usage', uses: false })),
    attack('charges usage at another price', 'RV009', charging({ of: 'usage', minor: 501 })),
    attack('charges usage of another day', 'RV009', charging({ of: 'usage', on: '2026-10-06' })),
    attack('charges usage twice', '23505', async (tx, s) => {
      await charge(tx, s, { of: 'usage' });
      await charge(tx, s, { of: 'usage' });
    }),
    attack('hangs usage on a cycle', 'RV009', async (tx, s) => {
      await charge(tx, s, {});
      await tx.sql`insert into charged_usage (usage_id, charge_id) select ${s.usage}, max(id) from wholesale_charges`;
    }),
    attack('receives other than it posts', 'RV011', async (tx, s) => await receive(tx, s, { transfer: 99 })),
    attack('receives nothing', '23514', async (tx, s) => await receive(tx, s, { minor: 0 })),
    attack('receives by one reference twice', '23505', async (tx, s) => await receive(tx, s, { twice: true })),
    attack('names a subscription of another instance in an event', '23503', async (tx, s) => {
      const foreign = { externalId: 'foreign', instanceId: s.books.instance['acme-ie']! };
      await recordBatch(tx, s.books.source, [{ ...foreign, subscriptionId: s.subscription }]);
    }),
  ],
);
