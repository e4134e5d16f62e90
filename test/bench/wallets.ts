import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { askForCredit } from '../../src/services/wallet/move-wallet.ts';
import { announceBatch, insertRule } from '../books.ts';
import type { OwnHome } from './own-home.ts';
import { grouped, median, say, secondsOf, type Figure } from './report.ts';

const WALLETS = 1_000;
const HOT = 10;
const CLIENTS = 16;
/** Of the common way, which goes one by one, so many are enough to tell its pace. */
const CALLS = 4_000;
const SINGLE = 300;

/**
 * Amounts into wallets per second, beside the common way of doing it: one call of an SQL function per transfer, which
 * locks both account rows and stores their balances. Ours is the whole way of an amount: recorded, rated, decided, posted
 * and proved. In batch, all on ten hot wallets from sixteen clients, and one by one, asked for by a person.
 */
export async function benchWallets(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const ours = await openBooks(home, `wallets_${size}`);
    const common = await CommonWay.open(home, `wallets_${size}`);
    const paces: Record<string, number[]> = { batch: [], hot: [], calls: [], hotCalls: [] };
    for (let round = 0; round < rounds; round += 1) {
      paces['batch']!.push(size / (await secondsOf(async () => await ours.post(size, WALLETS, 1))));
      paces['hot']!.push(size / (await secondsOf(async () => await ours.post(size, HOT, CLIENTS))));
      paces['calls']!.push(CALLS / (await secondsOf(async () => await common.transfer(CALLS, WALLETS, 1))));
      paces['hotCalls']!.push(CALLS / (await secondsOf(async () => await common.transfer(CALLS, HOT, CLIENTS))));
      const told = Object.entries(paces).map(([name, values]) => `${name} ${Math.round(values.at(-1)!)}/s`);
      say(`wallets_${size} round ${round + 1}: ${told.join(', ')}`);
    }
    const pace = (name: string) => median(paces[name]!);
    const name = (what: string) => `${grouped(size)} amounts, ${what}`;
    figures.push(
      { bench: 'wallets', name: name('in batch'), value: pace('batch'), unit: '/s' },
      { bench: 'wallets', name: name('in batch / a call each'), value: pace('batch') / pace('calls'), unit: '', aim: { atLeast: 5 } }, // prettier-ignore
      { bench: 'wallets', name: name(`${HOT} hot wallets, ${CLIENTS} clients`), value: pace('hot'), unit: '/s' },
      { bench: 'wallets', name: name('the same / a call each'), value: pace('hot') / pace('hotCalls'), unit: '', aim: { atLeast: 5 } }, // prettier-ignore
    );
    if (size !== Math.min(...sizes)) continue;
    for (const [wallets, clients] of [
      [WALLETS, 1],
      [HOT, CLIENTS],
    ] as const) {
      // Both as often as it takes to be warm: a session plans its statements anew.
      const calls = SINGLE * clients;
      await ours.creditSingly(10 * clients, wallets, clients);
      const single = calls / (await secondsOf(async () => await ours.creditSingly(calls, wallets, clients)));
      const call = calls / (await secondsOf(async () => await common.transfer(calls, wallets, clients)));
      const how = clients === 1 ? 'one by one' : `one by one, ${wallets} hot wallets, ${clients} clients`;
      say(`${how}: ${Math.round(single)}/s, a call each ${Math.round(call)}/s`);
      figures.push(
        { bench: 'wallets', name: `${how}: asked for, decided, posted`, value: single, unit: '/s' },
        { bench: 'wallets', name: `${how} / a call each`, value: single / call, unit: '', aim: { atLeast: 1 } },
      );
    }
  }
  return figures;
}

interface OurBooks {
  /** Records so many amounts for the first so many wallets, by so many clients at once, and posts them in one run. */
  post(amounts: number, wallets: number, clients: number): Promise<void>;
  /** Each of so many clients asks for its share of the amounts, one after another; each is posted when its call returns. */
  creditSingly(amounts: number, wallets: number, clients: number): Promise<void>;
}

async function openBooks(home: OwnHome, programme: string): Promise<OurBooks> {
  const ctx = await home.programme(programme);
  // Limits are in force on the server's day, which is no other than today.
  const maker = await home.context(programme, 'bench', Date.now);
  const checker = await home.context(programme, 'checker', Date.now);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => await home.context(programme, 'bench', Date.now)),
  );
  await ctx.db.transaction(async (tx) => {
    const { sql } = tx;
    await sql`insert into tenants (code, name) values ('globex', 'Globex')`;
    await sql`insert into partners (code, name, type, status, currency)
      select 'partner-' || g, 'Partner ' || g, 'reseller', 'active', 'EUR' from generate_series(1, ${WALLETS}::int) g`;
    await sql`insert into instances (code, name, tenant_id, partner_id)
      select replace(p.code, 'partner', 'instance'), p.name, t.id, p.id from partners p, tenants t order by p.id`;
    await sql`insert into sources (code) values ('bench')`;
    await insertRule(tx, { scope: 'programme', ratePpm: 100_000 });
  });
  const limit = await askForLimit(maker, { of: 'request', currency: 'EUR', amount: '1000', reason: 'bench' });
  await approveRequest(checker, { request: limit.id });
  const post = async () => await runJob(ctx, accrueCommissionsJob, '2026-12-31');
  return {
    async post(amounts, wallets, many) {
      const each = Math.ceil(amounts / many);
      await Promise.all(clients.slice(0, many).map(async (client) => await record(client, each, wallets)));
      await post();
    },
    async creditSingly(amounts, wallets, many) {
      const each = Math.ceil(amounts / many);
      await Promise.all(
        clients.slice(0, many).map(async (client, place) => {
          for (let at = 0; at < each; at += 1) {
            const number = 1 + ((place * each + at) % wallets);
            const wallet = { partner: `partner-${number}`, instance: `instance-${number}`, currency: 'EUR' };
            await askForCredit(client, { wallet, amount: '1.00', reason: 'bench' });
          }
        }),
      );
    },
  };
}

async function record({ db }: OpenedContext, amounts: number, wallets: number): Promise<void> {
  await db.transaction(async (tx) => {
    const [source] = await tx.sql<{ id: number }[]>`select id from sources where code = 'bench'`;
    const day = '2026-12-01';
    const batch = await announceBatch(tx, { source: source!.id, events: amounts, from: day, to: day });
    await tx.sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, currency, net_minor, gross_minor, occurred_at, occurred_on)
      select ${batch.firstId}::bigint + g, ${batch.id}, ${source!.id}, 'payment', 'amount-' || (${batch.firstId}::bigint + g),
        i.ids[1 + g % ${wallets}::int], 'EUR', 10000, 10000, ${`${day}T12:00:00Z`}::timestamptz, ${day}::date
      from generate_series(0, ${amounts - 1}::int) g, (select array_agg(id order by id) as ids from instances) i`;
  });
}

/** Accounts with stored balances, and a function that moves an amount between two of them under the locks of both. */
class CommonWay {
  readonly #clients: readonly Database[];

  private constructor(clients: readonly Database[]) {
    this.#clients = clients;
  }

  static async open(home: OwnHome, programme: string): Promise<CommonWay> {
    const admin = home.admin(programme);
    await admin.sql.unsafe(`
      create table plain_accounts (id bigint primary key, balance bigint not null default 0);
      create table plain_transfers (id bigint generated always as identity primary key, debit_id bigint not null references plain_accounts,
        credit_id bigint not null references plain_accounts, amount bigint not null check (amount > 0), kind text not null,
        recorded_at timestamptz not null default now());
      create index on plain_transfers (debit_id); create index on plain_transfers (credit_id);
      insert into plain_accounts (id) select g from generate_series(0, ${WALLETS}) g;
      create function plain_transfer(debit bigint, credit bigint, moved bigint) returns bigint language plpgsql as $$
      declare made bigint;
      begin
        perform from plain_accounts where id in (debit, credit) order by id for update;
        update plain_accounts set balance = balance - moved where id = debit;
        update plain_accounts set balance = balance + moved where id = credit;
        insert into plain_transfers (debit_id, credit_id, amount, kind) values (debit, credit, moved, 'earning') returning id into made;
        return made;
      end $$`);
    return new CommonWay(Array.from({ length: CLIENTS }, () => home.admin(programme)));
  }

  /** Account 0 is the expense; every transfer is a transaction of its own. */
  async transfer(amounts: number, wallets: number, clients: number): Promise<void> {
    const each = Math.ceil(amounts / clients);
    await Promise.all(
      this.#clients.slice(0, clients).map(async ({ sql }, client) => {
        for (let at = 0; at < each; at += 1) {
          await sql`select plain_transfer(0, ${1 + ((client * each + at) % wallets)}, 1000)`;
        }
      }),
    );
  }
}
