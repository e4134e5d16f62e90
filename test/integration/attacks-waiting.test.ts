import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  decideRange,
  finishRun,
  insertEntry,
  ledgerAccount,
  openChunk,
  recordBatch,
  startRun,
  type Batch,
  type Run,
} from '../books.ts';
import { testDatabase } from '../database.ts';

interface WaitingScene extends BooksScene {
  /** Two payments of 100.00 EUR at acme-uk: the first is decided, the second waits; both posted. */
  readonly past: Batch;
  readonly pastChunk: number;
  /** Two that nobody has decided. */
  readonly open: Batch;
  readonly wallet: number;
}

let scene: WaitingScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  scene = await logins.operator.transaction(async (tx) => {
    const place = { instanceId: books.instance['acme-uk']!, partnerId: books.partner['acme']! };
    const events = (...ids: string[]) => ids.map((externalId) => ({ externalId, instanceId: place.instanceId }));
    const past = await recordBatch(tx, books.source, events('a', 'b'));
    const open = await recordBatch(tx, books.source, events('c', 'd'));
    const wallet = await ledgerAccount(tx, place);
    const run = await startRun(tx);
    const pastChunk = await openChunk(tx, run);
    const here = { ...opened, past, pastChunk, open, wallet };
    await decideRange(tx, pastChunk, past, past.lastId);
    await enter(tx, here, run, pastChunk, past.firstId);
    await wait(tx, past.lastId, pastChunk);
    await post(tx, run, pastChunk);
    await finishRun(tx, run);
    return here;
  });
});
afterAll(async () => await scene.database.drop());

/** 10.00 of the event, as what its rule says. */
async function enter(tx: Connection, s: WaitingScene, run: Run, chunkId: number, eventId: number): Promise<void> {
  const { wallet: walletId, books } = s;
  await insertEntry(tx, {
    eventId,
    chunkId,
    walletId,
    amountMinor: 1000,
    knownSeq: run.knownSeq,
    ruleVersion: books.ruleVersion,
  });
}

async function wait({ sql }: Connection, event: number, chunk: number, base = 'EUR'): Promise<void> {
  await sql`insert into waiting_events (event_id, chunk_id, base, quote, rate_date) values (${event}, ${chunk}, ${base}, 'USD', '2026-10-01')`;
}

/** Moves the chunk into the ledger: one transfer of 10.00 for the one entry it has. */
async function post({ sql }: Connection, run: Run, chunk: number): Promise<void> {
  await sql`insert into ledger_accounts (type, currency) values ('commission_expense', 'EUR') on conflict do nothing`;
  await sql`insert into postings (run_id, chunk_from, chunk_to) values (${run.id}, ${chunk}, ${chunk})`;
  await sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select (select max(id) from postings), x.id, n.wallet_id, n.amount_minor, n.kind::text, n.posting_date
    from entries n join ledger_accounts x on x.type = 'commission_expense' and x.currency = 'EUR' where n.chunk_id = ${chunk}`;
}

/** The waiting one decided by a chunk, in the one statement that also says so. */
async function decideWaiting({ sql }: Connection, s: WaitingScene, run: Run, chunk: number): Promise<void> {
  await sql`
    with settled as (update waiting_events set decided_chunk_id = ${chunk} where event_id = ${s.past.lastId})
    insert into entries (event_id, chunk_id, wallet_id, amount_minor, base_minor, full_minor, rule_version_id, known_seq, rate_ppm,
      posting_date, payable_on, kind, leg)
    values (${s.past.lastId}, ${chunk}, ${s.wallet}, 1000, 10000, 1000, ${s.books.ruleVersion}, ${run.knownSeq}, 100000,
      '2026-10-01', '2026-10-31', 'earning', 0)`;
}

/** In a chunk of its own. */
const within =
  (act: (tx: Connection, s: WaitingScene, run: Run, chunk: number) => Promise<unknown>) =>
  async (tx: Connection, s: WaitingScene) => {
    const run = await startRun(tx, { attempt: 2 });
    await act(tx, s, run, await openChunk(tx, run));
  };

it('lets honest waiting through, by a chunk that decides nothing else, too', async () => {
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    const honest = within(async (tx, s, run, chunk) => {
      await decideRange(tx, chunk, s.open, s.open.lastId);
      await enter(tx, s, run, chunk, s.open.lastId);
      await wait(tx, s.open.firstId, chunk);
      await post(tx, run, chunk);
      const later = await openChunk(tx, run);
      await decideWaiting(tx, s, run, later);
      await post(tx, run, later);
    });
    expect(await refusal(db, async (tx) => await honest(tx, scene))).toBe('nothing');
  }
});

repels(
  () => scene,
  [
    attack('forgets what waits', ['42501', 'RV001'], ({ sql }) => sql`delete from waiting_events`),
    attack('empties what waits', ['42501', 'RV001'], ({ sql }) => sql`truncate waiting_events`),
    attack('waits for another rate', ['42501', 'RV001'], ({ sql }) => sql`update waiting_events set quote = 'GBP'`),
    attack(
      'lets another event wait',
      ['42501', 'RV001'],
      ({ sql }, s) => sql`update waiting_events set event_id = ${s.open.firstId}`,
    ),
    attack(
      'lets wait what is decided',
      'RV002',
      within(async (tx, s, run, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.lastId);
        await enter(tx, s, run, chunk, s.open.firstId);
        await wait(tx, s.open.firstId, chunk);
      }),
    ),
    attack(
      'decides in its own chunk what waits',
      'RV002',
      within(async (tx, s, run, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.lastId);
        await wait(tx, s.open.firstId, chunk);
        await enter(tx, s, run, chunk, s.open.firstId);
      }),
    ),
    attack(
      'lets wait what is not in the chunk’s ranges',
      'RV002',
      within(async (tx, s, _, chunk) => await wait(tx, s.open.firstId, chunk)),
    ),
    attack(
      'lets wait in a chunk of another transaction',
      'RV002',
      async (tx, s) => await wait(tx, s.open.firstId, s.pastChunk),
    ),
    attack(
      'waits for a rate from another currency than the event’s',
      'RV002',
      within(async (tx, s, _, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.lastId);
        await wait(tx, s.open.firstId, chunk, 'GBP');
      }),
    ),
    attack(
      'lets an event wait in a chunk that is posted',
      'RV011',
      within(async (tx, s, run, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.lastId);
        await enter(tx, s, run, chunk, s.open.firstId);
        await tx.sql`insert into postings (run_id, chunk_from, chunk_to) values (${run.id}, ${chunk}, ${chunk})`;
        await wait(tx, s.open.lastId, chunk);
      }),
    ),
    attack(
      'waits and is decided from the start',
      'RV002',
      within(async ({ sql }, s, run, chunk) => {
        await decideRange({ sql } as Connection, chunk, s.open, s.open.lastId);
        const later = await openChunk({ sql } as Connection, run);
        await sql`insert into waiting_events values (${s.open.firstId}, ${chunk}, 'EUR', 'USD', '2026-10-01', ${later})`;
      }),
    ),
    attack(
      'enters what waits without saying that it is decided',
      'RV002',
      within(async (tx, s, run, chunk) => await enter(tx, s, run, chunk, s.past.lastId)),
    ),
    attack(
      'says that it is decided without an entry',
      'RV002',
      within(
        async ({ sql }, s, _, chunk) =>
          await sql`update waiting_events set decided_chunk_id = ${chunk} where event_id = ${s.past.lastId}`,
      ),
    ),
    attack(
      'says that the chunk that put it off has decided it',
      '23514',
      async ({ sql }, s) =>
        await sql`update waiting_events set decided_chunk_id = ${s.pastChunk} where event_id = ${s.past.lastId}`,
    ),
    attack(
      'says that a chunk of another transaction will have decided it',
      'RV002',
      async ({ sql }, s) =>
        await sql`update waiting_events set decided_chunk_id = ${s.pastChunk + 1000} where event_id = ${s.past.lastId}`,
    ),
    attack(
      'decides it twice',
      'RV001',
      within(async (tx, s, run, chunk) => {
        await decideWaiting(tx, s, run, chunk);
        await tx.sql`update waiting_events set decided_chunk_id = ${await openChunk(tx, run)} where event_id = ${s.past.lastId}`;
      }),
    ),
    attack(
      'lets it wait again',
      'RV001',
      within(async (tx, s, run, chunk) => {
        await decideWaiting(tx, s, run, chunk);
        await tx.sql`update waiting_events set decided_chunk_id = null`;
      }),
    ),
    attack(
      'adds a leg by another chunk to what has waited',
      'RV002',
      within(async (tx, s, run, chunk) => {
        await decideWaiting(tx, s, run, chunk);
        const { wallet: walletId, books } = s;
        const [eventId, chunkId] = [s.past.lastId, await openChunk(tx, run)];
        await insertEntry(tx, {
          eventId,
          chunkId,
          walletId,
          amountMinor: 1000,
          knownSeq: run.knownSeq,
          ruleVersion: books.ruleVersion,
          leg: 1,
        });
      }),
    ),
    attack(
      'posts an event that is neither decided nor waits',
      'RV011',
      within(async (tx, s, run, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.lastId);
        await enter(tx, s, run, chunk, s.open.firstId);
        await post(tx, run, chunk);
      }),
    ),
    attack(
      'posts what has waited in place of an event of its range',
      'RV011',
      within(async (tx, s, run, chunk) => {
        await decideRange(tx, chunk, s.open, s.open.firstId);
        await decideWaiting(tx, s, run, chunk);
        await post(tx, run, chunk);
      }),
    ),
    attack(
      'pays what has waited twice over',
      'RV011',
      within(async (tx, s, run, chunk) => {
        await decideWaiting(tx, s, run, chunk);
        await post(tx, run, chunk);
        await tx.sql`
        insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
        select posting_id, debit_id, credit_id, amount_minor, kind, posting_date from transfers where posting_id = (select max(id) from postings)`;
      }),
    ),
  ],
);
