import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  decideRange,
  insertEntry,
  insertTransfer,
  ledgerAccount,
  openChunk,
  openPosting,
  postChunks,
  recordBatch,
  startRun,
  type Batch,
  type Run,
} from '../books.ts';
import { testDatabase } from '../database.ts';

interface LedgerScene extends BooksScene {
  /** Two events of acme-uk that nobody has decided. */
  readonly open: Batch;
  readonly wallet: number;
  readonly sibling: number;
  readonly dollars: number;
  readonly expense: number;
  readonly cash: number;
  /** A posting of 10.00 into `wallet`, committed. */
  readonly posting: number;
}

let scene: LedgerScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins, database } = opened;
  const acme = books.instance['acme-uk']!;
  const at = { instanceId: acme, partnerId: books.partner['acme']! };
  scene = await logins.operator.transaction(async (tx) => {
    const decided = await recordBatch(tx, books.source, [{ externalId: 'a', instanceId: acme }]);
    const open = await recordBatch(tx, books.source, [
      { externalId: 'c', instanceId: acme },
      { externalId: 'd', instanceId: acme },
    ]);
    const accounts = {
      wallet: await ledgerAccount(tx, at),
      sibling: await ledgerAccount(tx, { ...at, instanceId: books.instance['acme-ie']! }),
      dollars: await ledgerAccount(tx, { ...at, currency: 'USD' }),
      expense: await ledgerAccount(tx, { type: 'commission_expense' }),
      cash: await ledgerAccount(tx, { type: 'cash' }),
    };
    const run = await startRun(tx, { scope: 'posted' });
    const chunk = await openChunk(tx, run);
    await decideRange(tx, chunk, decided, decided.lastId);
    await insertEntry(tx, {
      eventId: decided.firstId,
      chunkId: chunk,
      knownSeq: run.knownSeq,
      walletId: accounts.wallet,
      amountMinor: 1000,
    });
    const posting = await postChunks(tx, run, chunk);
    return { ...opened, ...accounts, open, posting };
  });
  await database.admin().sql`insert into periods (starts_on, status) values ('2026-08-01', 'closed')`;
});
afterAll(async () => await scene.database.drop());

/** Both open events decided, 10.00 each, by a run and chunk of the attacker's own; `leaveOut` enters only the first. */
async function decide(tx: Connection, s: LedgerScene, leaveOut = false): Promise<{ run: Run; chunk: number }> {
  const run = await startRun(tx);
  const chunk = await openChunk(tx, run);
  await decideRange(tx, chunk, s.open, s.open.lastId);
  for (const eventId of leaveOut ? [s.open.firstId] : [s.open.firstId, s.open.lastId]) {
    await insertEntry(tx, { eventId, chunkId: chunk, knownSeq: run.knownSeq, walletId: s.wallet, amountMinor: 1000 });
  }
  return { run, chunk };
}

/** A posting of them with the transfers given: [debit, credit, amount] and more where it differs from an honest one. */
async function post(
  tx: Connection,
  s: LedgerScene,
  transfers: readonly { debit?: number; credit?: number; amountMinor: number; kind?: string; on?: string }[],
): Promise<number> {
  const { run, chunk } = await decide(tx, s);
  const posting = await openPosting(tx, run, chunk);
  for (const transfer of transfers) {
    await insertTransfer(tx, { posting, debit: s.expense, credit: s.wallet, ...transfer });
  }
  return posting;
}

it('lets the honest posting through', async () => {
  expect(await refusal(scene.logins.operator, async (tx) => await post(tx, scene, [{ amountMinor: 2000 }]))).toBe(
    'nothing',
  );
});

describe('transfers (SEMANTICS §6, §9)', () => {
  repels(
    () => scene,
    [
      attack(
        'joins two instances',
        'RV010',
        async (tx, s) =>
          await post(tx, s, [{ amountMinor: 2000 }, { debit: s.wallet, credit: s.sibling, amountMinor: 1 }]),
      ),
      attack(
        'joins two currencies',
        'RV010',
        async (tx, s) => await post(tx, s, [{ credit: s.dollars, amountMinor: 2000 }]),
      ),
      attack('transfers nothing', '23514', async (tx, s) => await post(tx, s, [{ amountMinor: 0 }])),
      attack('transfers less than nothing', '23514', async (tx, s) => await post(tx, s, [{ amountMinor: -2000 }])),
      attack(
        'transfers from an account to itself',
        '23514',
        async (tx, s) => await post(tx, s, [{ debit: s.wallet, amountMinor: 1 }]),
      ),
      attack(
        'transfers into no account',
        '23503',
        async (tx, s) => await post(tx, s, [{ credit: 999_999, amountMinor: 2000 }]),
      ),
      attack(
        'transfers into a closed period',
        'RV003',
        async (tx, s) => await post(tx, s, [{ amountMinor: 2000, on: '2026-08-01' }]),
      ),
      attack(
        'adds a transfer to an old posting',
        'RV002',
        async (tx, s) =>
          await insertTransfer(tx, { posting: s.posting, debit: s.expense, credit: s.wallet, amountMinor: 5 }),
      ),
      attack(
        'adds a transfer to no posting',
        '23503',
        async (tx, s) =>
          await insertTransfer(tx, { posting: 999_999, debit: s.expense, credit: s.wallet, amountMinor: 5 }),
      ),
      attack('changes a transfer', ['42501', 'RV001'], ({ sql }) => sql`update transfers set amount_minor = 1`),
      attack('deletes a transfer', ['42501', 'RV001'], ({ sql }) => sql`delete from transfers`),
      attack('deletes a posting', ['42501', 'RV001'], ({ sql }) => sql`delete from postings`),
      attack(
        'turns a wallet over to another partner',
        ['42501', 'RV001'],
        ({ sql }, { books }) =>
          sql`update ledger_accounts set partner_id = ${books.partner['zenith']!} where type = 'wallet'`,
      ),
      attack(
        'opens a second wallet of a partner, instance and currency',
        '23505',
        ({ sql }, { books }) =>
          sql`insert into ledger_accounts (type, currency, partner_id, instance_id) values ('wallet', 'EUR', ${books.partner['acme']!}, ${books.instance['acme-uk']!})`,
      ),
      attack(
        'opens a wallet of no instance',
        '23514',
        ({ sql }, { books }) =>
          sql`insert into ledger_accounts (type, currency, partner_id) values ('wallet', 'EUR', ${books.partner['acme']!})`,
      ),
      attack('chooses the id of a transfer', 'RV002', async (tx, s) => {
        const posting = await post(tx, s, [{ amountMinor: 2000 }]);
        await tx.sql`insert into transfers (id, posting_id, debit_id, credit_id, amount_minor, kind, posting_date) overriding system value
          values (-1, ${posting}, ${s.expense}, ${s.wallet}, 5, 'earning', '2026-10-01')`;
      }),
    ],
  );
});

describe('postings are complete (SEMANTICS §6)', () => {
  repels(
    () => scene,
    [
      attack('posts without transfers', 'RV011', async (tx, s) => await post(tx, s, [])),
      attack('posts too little', 'RV011', async (tx, s) => await post(tx, s, [{ amountMinor: 1999 }])),
      attack('posts too much', 'RV011', async (tx, s) => await post(tx, s, [{ amountMinor: 2001 }])),
      attack(
        'posts the wrong way round',
        'RV011',
        async (tx, s) => await post(tx, s, [{ debit: s.wallet, credit: s.expense, amountMinor: 2000 }]),
      ),
      attack(
        'posts under another kind',
        'RV011',
        async (tx, s) => await post(tx, s, [{ amountMinor: 2000, kind: 'bonus' }]),
      ),
      attack(
        'posts on another date',
        'RV011',
        async (tx, s) => await post(tx, s, [{ amountMinor: 2000, on: '2026-10-02' }]),
      ),
      attack(
        'posts in two transfers',
        'RV011',
        async (tx, s) => await post(tx, s, [{ amountMinor: 1000 }, { amountMinor: 1000 }]),
      ),
      attack(
        'posts too much and takes the rest back',
        'RV011',
        async (tx, s) =>
          await post(tx, s, [{ amountMinor: 2500 }, { debit: s.wallet, credit: s.expense, amountMinor: 500 }]),
      ),
      attack('posts against cash', 'RV011', async (tx, s) => await post(tx, s, [{ debit: s.cash, amountMinor: 2000 }])),
      attack(
        'posts what has nothing to do with a wallet',
        'RV011',
        async (tx, s) =>
          await post(tx, s, [{ amountMinor: 2000 }, { debit: s.cash, credit: s.expense, amountMinor: 7 }]),
      ),
      attack('posts more once the check has passed', 'RV011', async (tx, s) => {
        const posting = await post(tx, s, [{ amountMinor: 2000 }]);
        await tx.sql`set constraints all immediate`;
        await insertTransfer(tx, { posting, debit: s.expense, credit: s.wallet, amountMinor: 5 });
      }),
      attack('enters more once the check has passed', 'RV011', async (tx, s) => {
        const { run, chunk } = await decide(tx, s);
        await postChunks(tx, run, chunk);
        await tx.sql`set constraints all immediate`;
        await insertEntry(tx, {
          eventId: s.open.firstId,
          chunkId: chunk,
          knownSeq: run.knownSeq,
          walletId: s.wallet,
          amountMinor: 1,
          leg: 1,
        });
      }),
      attack('decides more once the check has passed', 'RV011', async (tx, s) => {
        const run = await startRun(tx);
        const chunk = await openChunk(tx, run);
        await decideRange(tx, chunk, s.open, s.open.firstId);
        await insertEntry(tx, {
          eventId: s.open.firstId,
          chunkId: chunk,
          knownSeq: run.knownSeq,
          walletId: s.wallet,
          amountMinor: 1000,
        });
        await postChunks(tx, run, chunk);
        await tx.sql`set constraints all immediate`;
        await tx.sql`
            with moved as (update event_batches set decided_to = ${s.open.lastId} where id = ${s.open.id})
            insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (${chunk}, ${s.open.id}, ${s.open.lastId}, ${s.open.lastId})`;
      }),
      attack('posts with an event undecided', 'RV011', async (tx, s) => {
        const { run, chunk } = await decide(tx, s, true);
        await postChunks(tx, run, chunk);
      }),
      attack('leaves out a chunk', 'RV011', async (tx, s) => {
        const { run } = await decide(tx, s);
        await postChunks(tx, run, await openChunk(tx, run));
      }),
      attack('posts a chunk twice', '23P01', async (tx, s) => {
        const { run, chunk } = await decide(tx, s);
        await postChunks(tx, run, chunk);
        await openPosting(tx, run, chunk);
      }),
      attack('posts backwards', '23514', async (tx, s) => {
        const { run, chunk } = await decide(tx, s);
        await openPosting(tx, run, await openChunk(tx, run), chunk);
      }),
      attack('posts under a run that is over', 'RV008', async (tx, s) => {
        const { run, chunk } = await decide(tx, s);
        await tx.sql`update job_runs set status = 'failed', finished_at = now() where id = ${run.id}`;
        await openPosting(tx, run, chunk);
      }),
      attack('chooses the id of a posting', 'RV002', async (tx, s) => {
        const { run, chunk } = await decide(tx, s);
        await tx.sql`insert into postings (id, run_id, chunk_from, chunk_to) overriding system value values (999, ${run.id}, ${chunk}, ${chunk})`;
      }),
    ],
  );

  it('waits for a chunk that is just being written inside its range', async () => {
    const { books, logins, database } = scene;
    const other = await database.as('attacking_second');
    const acme = books.instance['acme-uk']!;
    const batches = await logins.operator.transaction(async (tx) => [
      await recordBatch(tx, books.source, [{ externalId: 'slow', instanceId: acme }]),
      await recordBatch(tx, books.source, [{ externalId: 'quick', instanceId: acme }]),
    ]);
    const run = await logins.operator.transaction(async (tx) => await startRun(tx));
    const write = async (tx: Connection, at: Run, batch: Batch) => {
      const chunk = await openChunk(tx, at);
      await decideRange(tx, chunk, batch, batch.lastId);
      await insertEntry(tx, {
        eventId: batch.firstId,
        chunkId: chunk,
        knownSeq: at.knownSeq,
        walletId: scene.wallet,
        amountMinor: 1000,
      });
      return chunk;
    };
    // The slow one has drawn its id and not committed; the quick one's posting would jump over it.
    let posted: Promise<unknown> = Promise.resolve();
    let done = false;
    await other.transaction(async (slow) => {
      await write(slow, await startRun(slow, { job: 'slow-job' }), batches[0]!);
      const chunk = await logins.operator.transaction(async (tx) => await write(tx, run, batches[1]!));
      posted = logins.operator.transaction(async (tx) => await postChunks(tx, run, chunk)).finally(() => (done = true));
      posted.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(done).toBe(false);
    });
    await expect(posted).rejects.toMatchObject({ code: 'posting_incomplete' });
  });
});
