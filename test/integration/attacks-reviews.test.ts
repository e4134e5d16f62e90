import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { decideRange, insertEntry, ledgerAccount, openChunk, recordBatch, startRun } from '../books.ts';
import { testDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

interface ReviewScene extends BooksScene {
  /** Posted, of acme-uk: untouched, approved, rejected, held. */
  readonly free: string;
  readonly approved: string;
  readonly rejected: string;
  readonly held: string;
  /** Decided by a run that is not posted. */
  readonly unposted: string;
  readonly wallet: number;
  readonly expense: number;
  /** The hold of frosty, who is suspended. */
  readonly freeze: number;
}

let scene: ReviewScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  const db = logins.operator;
  const [free, approved, rejected, held] = (await earn(
    db,
    books,
    [1000, 2000, 3000, 4000].map((amount) => ({ instance: 'acme-uk', amount })),
  )) as [string, string, string, string];
  const at = { instanceId: books.instance['acme-uk']!, partnerId: books.partner['acme']! };
  scene = await db.transaction(async (tx) => {
    const wallet = await ledgerAccount(tx, at);
    const expense = await ledgerAccount(tx, { type: 'commission_expense' });
    await review(tx, 'approved', [approved]);
    await takeBack(tx, { wallet, expense }, rejected, 3000);
    await hold(tx, held);
    const run = await startRun(tx, { scope: 'unposted' });
    const batch = await recordBatch(tx, books.source, [{ externalId: 'unposted', instanceId: at.instanceId }]);
    const chunk = await openChunk(tx, run);
    await decideRange(tx, chunk, batch, batch.lastId);
    const entry = { eventId: batch.firstId, chunkId: chunk, knownSeq: run.knownSeq };
    await insertEntry(tx, { ...entry, walletId: wallet, amountMinor: 1000 });
    const [freeze] = await tx.sql<{ id: number }[]>`select id::int from open_holds where reason = 'partner_frozen'`;
    const entries = { free, approved, rejected, held, unposted: `${batch.firstId}.0` };
    return { ...opened, ...entries, wallet, expense, freeze: freeze!.id };
  });
});
afterAll(async () => await scene.database.drop());

const parts = (entry: string) => entry.split('.').map(Number) as [number, number];

/** A batch of review with its entries; its number. */
async function review({ sql }: Connection, verdict: string, entries: readonly string[]): Promise<number> {
  const [batch] = await sql<{ id: number }[]>`
    insert into review_batches (verdict, reason) values (${verdict}, 'a test') returning id::int`;
  for (const entry of entries) await addTo({ sql } as Connection, batch!.id, verdict, entry);
  return batch!.id;
}

async function addTo({ sql }: Connection, batch: number, verdict: string, entry: string): Promise<void> {
  const [event, leg] = parts(entry);
  await sql`insert into entry_reviews (event_id, leg, batch_id, verdict) values (${event}, ${leg}, ${batch}, ${verdict})`;
}

/** Rejects one entry and posts `amount` of it, which is honest when it is the entry's. */
async function takeBack(
  tx: Connection,
  { wallet, expense }: { wallet: number; expense: number },
  entry: string,
  amount: number,
): Promise<number> {
  const batch = await review(tx, 'rejected', [entry]);
  const [posting] = await tx.sql<{ id: number }[]>`
    insert into postings (kind, review_id) values ('review', ${batch}) returning id::int`;
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    values (${posting!.id}, ${wallet}, ${expense}, ${amount}, 'earning', '2026-10-02')`;
  return batch;
}

async function hold({ sql }: Connection, entry: string): Promise<void> {
  const [event, leg] = parts(entry);
  await sql`insert into holds (event_id, leg, reason) values (${event}, ${leg}, 'dispute')`;
}

it('lets the honest review through', async () => {
  const { logins, free } = scene;
  expect(await refusal(logins.operator, async (tx) => await takeBack(tx, scene, free, 1000))).toBe('nothing');
});

describe('reviews (SEMANTICS §4, §6)', () => {
  repels(
    () => scene,
    [
      attack('a second approval', '23505', async (tx, s) => await review(tx, 'approved', [s.approved])),
      attack('a second rejection', '23505', async (tx, s) => await takeBack(tx, s, s.rejected, 3000)),
      attack('approving what was rejected', 'RV012', async (tx, s) => await review(tx, 'approved', [s.rejected])),
      attack('reviewing what is not posted', 'RV012', async (tx, s) => await review(tx, 'approved', [s.unposted])),
      attack('reviewing what does not exist', 'RV012', async (tx) => await review(tx, 'approved', ['987654.0'])),
      attack('a review of nothing', 'RV012', async (tx) => await review(tx, 'approved', [])),
      attack('a verdict unlike its batch', 'RV002', async (tx, s) => {
        await addTo(tx, await review(tx, 'approved', []), 'rejected', s.free);
      }),
      attack('an entry added to a sealed review', 'RV002', async (tx, s) => await addTo(tx, 1, 'approved', s.free)),
      attack('rejecting without a posting', 'RV011', async (tx, s) => await review(tx, 'rejected', [s.free])),
      attack('posting less than was taken back', 'RV011', async (tx, s) => await takeBack(tx, s, s.free, 999)),
      attack('posting more than was taken back', 'RV011', async (tx, s) => await takeBack(tx, s, s.free, 1001)),
      attack('rejecting without a reason', '23514', async ({ sql }) => {
        await sql`insert into review_batches (verdict) values ('rejected')`;
      }),
      attack('choosing the number of entries', ['RV012', null], async ({ sql }) => {
        await sql`insert into review_batches (verdict, entries, content_hash) values ('approved', 7, 'x')`;
      }),
      attack('changing a review', ['42501', 'RV001'], async ({ sql }) => {
        await sql`update review_batches set reason = 'other' where id = 1`;
      }),
      attack('removing a review', ['42501', 'RV001'], async ({ sql }) => await sql`delete from review_batches`),
      attack('changing a verdict', ['42501', 'RV001'], async ({ sql }) => {
        await sql`update entry_reviews set verdict = 'approved'`;
      }),
      attack('removing a verdict', ['42501', 'RV001'], async ({ sql }) => await sql`delete from entry_reviews`),
    ],
  );
});

describe('holds (SEMANTICS §4)', () => {
  repels(
    () => scene,
    [
      attack('a hold on no entry', '23503', async (tx) => await hold(tx, '987654.0')),
      attack('a hold for no known reason', '23514', async ({ sql }, { free }) => {
        const [event, leg] = parts(free);
        await sql`insert into holds (event_id, leg, reason) values (${event}, ${leg}, 'a whim')`;
      }),
      attack('releasing a freeze beside its partner', 'RV004', async ({ sql }, { freeze }) => {
        await sql`insert into hold_releases (hold_id) values (${freeze})`;
      }),
      attack('releasing a hold twice', '23505', async ({ sql }, { held }) => {
        const [event, leg] = parts(held);
        for (let times = 0; times < 2; times += 1) {
          await sql`insert into hold_releases (hold_id) select id from holds where event_id = ${event} and leg = ${leg}`;
        }
      }),
      attack('removing a hold', ['42501', 'RV001'], async ({ sql }) => await sql`delete from holds`),
      attack('changing a hold', ['42501', 'RV001'], async ({ sql }) => {
        await sql`update holds set reason = 'fraud_review'`;
      }),
      attack('removing a release', ['42501', 'RV001'], async ({ sql }) => await sql`delete from hold_releases`),
    ],
  );
});

describe('settings (SEMANTICS §1)', () => {
  const set = async ({ sql }: Connection, name: string, value: unknown) => {
    await sql`insert into settings (name, value, valid, known_seq)
      select ${name}, ${JSON.stringify(value)}::jsonb, daterange('2090-01-01', null), draw_known_seq('a test')`;
  };
  repels(
    () => scene,
    [
      attack('two versions that overlap', '23P01', async (tx) => await set(tx, 'hold_days', 45)),
      attack('a policy that is none', '23514', async (tx) => await set(tx, 'approval', 'never')),
      attack('half a day', '23514', async (tx) => await set(tx, 'hold_days', 0.5)),
      attack(
        'changing what was said',
        ['42501', 'RV001'],
        async ({ sql }) => await sql`update settings set value = '0'`,
      ),
      attack('removing what was said', ['42501', 'RV001'], async ({ sql }) => await sql`delete from settings`),
    ],
  );
});
