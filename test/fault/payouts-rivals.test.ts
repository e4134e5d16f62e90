import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { times } from '../soak.ts';
import { earn, payoutOffences } from '../support/earnings.ts';

const ROUNDS = times(3, 20);
const RIVALS = 16;
const PARTNERS = 2_000;

let database: TestDatabase;
let books: Books;
let rivals: OpenedContext[];

beforeAll(async () => {
  database = await testDatabase();
  const db = await database.as('tester');
  books = await openBooks(db);
  await db.sql`
    insert into partners (code, name, type, status, currency)
    select 'p' || n, 'Partner ' || n, 'affiliate', 'active', 'EUR' from generate_series(1, ${PARTNERS}) n`;
  await db.sql`
    insert into instances (code, name, tenant_id, partner_id)
    select 'i' || substr(p.code, 2), p.name, ${books.tenant}, p.id from partners p where p.code ~ '^p[0-9]+$'`;
  const rows = await db.sql<{ code: string; id: number }[]>`select code, id::int from instances`;
  books = { ...books, instance: Object.fromEntries(rows.map(({ code, id }) => [code, id])) };
  rivals = await Promise.all(
    Array.from({ length: RIVALS }, async (_, n) => await database.context({ actor: `rival_${n % 4}` })),
  );
}, 120_000);
afterAll(async () => await database.drop());

it(`of ${RIVALS} generates at once each due entry is in exactly one live payout`, { timeout: 1_200_000 }, async () => {
  const admin = database.admin();
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Each partner earns twice and gives something back; every seventh gives back more than that.
    await earn(
      rivals[0]!.db,
      books,
      Array.from({ length: PARTNERS }, (_, n) => `i${n + 1}`).flatMap((instance, n) => [
        { instance, amount: 1000 + n },
        { instance, amount: 500 },
        { instance, amount: n % 7 === 0 ? -9_000_000 : -100 },
      ]),
    );
    // Half of them pay the whole programme, half one partner each.
    const made = await Promise.all(
      rivals.map(
        async (ctx, n) =>
          await generatePayouts(ctx, n % 2 === 0 ? {} : { partner: `p${((round * 100 + n) % PARTNERS) + 1}` }),
      ),
    );
    expect(await payoutOffences(admin), `round ${round}`).toEqual([]);
    const [found] = await admin.sql<{ unpaid: number; twice: number; paid: number }[]>`
      with due as (
        select n.event_id, n.leg, (substr(i.code, 2)::int - 1) % 7 = 0 as negative
        from entries n join ledger_accounts w on w.id = n.wallet_id join instances i on i.id = w.instance_id
        where i.code ~ '^i[0-9]+$'
      ), live as (
        select d.event_id, d.leg, d.negative, count(l.event_id) as times
        from due d left join payout_lines l on l.event_id = d.event_id and l.leg = d.leg and l.release_id is null group by 1, 2, 3
      )
      select count(*) filter (where times = 0 and not negative)::int as unpaid, count(*) filter (where times > 1)::int as twice,
        count(*) filter (where times = 1)::int as paid from live`;
    const positive = PARTNERS - Math.ceil(PARTNERS / 7);
    expect(found, `round ${round}`).toEqual({ unpaid: 0, twice: 0, paid: positive * 3 * round });
    const lines = made.reduce((sum, run) => sum + run.lines, 0);
    expect(lines, `round ${round}`).toBe(positive * 3);
    // What one of them took the others found taken; nobody paid an empty payout.
    expect(made.flatMap((run) => run.payouts).every(({ gross }) => Number(gross) > 0)).toBe(true);
  }
});
