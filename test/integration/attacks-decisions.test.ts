import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  decideRange,
  drawKnownSeq,
  finishRun,
  insertEntry,
  insertSale,
  ledgerAccount,
  openChunk,
  postChunks,
  recordBatch,
  startRun,
  type Batch,
  type NewEntry,
  type Run,
} from '../books.ts';
import { testDatabase } from '../database.ts';

interface DecisionScene extends BooksScene {
  /** Two events of acme-uk, decided by `chunk` and posted; 10.00 each into `wallet`. */
  readonly decided: Batch;
  readonly chunk: number;
  /** Two events of acme-uk that nobody has decided. */
  readonly open: Batch;
  readonly wallet: number;
  readonly otherWallet: number;
  readonly dollars: number;
  /** Running, leased, of the login `tester`. */
  readonly running: Run;
  readonly finished: Run;
  /** Of `tester`, its lease over. */
  readonly late: Run;
}

let scene: DecisionScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins, database } = opened;
  const acme = books.instance['acme-uk']!;
  const at = { instanceId: acme, partnerId: books.partner['acme']! };
  scene = await logins.operator.transaction(async (tx) => {
    const decided = await recordBatch(tx, books.source, [
      { externalId: 'a', instanceId: acme },
      { externalId: 'b', instanceId: acme },
    ]);
    const open = await recordBatch(tx, books.source, [
      { externalId: 'c', instanceId: acme },
      { externalId: 'd', instanceId: acme },
    ]);
    const wallet = await ledgerAccount(tx, at);
    const otherWallet = await ledgerAccount(tx, { instanceId: books.instance['acme-ie']!, partnerId: at.partnerId });
    const dollars = await ledgerAccount(tx, { ...at, currency: 'USD' });
    await ledgerAccount(tx, { type: 'commission_expense', currency: 'USD' });
    const finished = await startRun(tx, { scope: 'finished' });
    const chunk = await openChunk(tx, finished);
    await decideRange(tx, chunk, decided, decided.lastId);
    for (const eventId of [decided.firstId, decided.lastId]) {
      await insertEntry(tx, {
        eventId,
        chunkId: chunk,
        knownSeq: finished.knownSeq,
        walletId: wallet,
        amountMinor: 1000,
        ruleVersion: books.ruleVersion,
      });
    }
    await postChunks(tx, finished, chunk);
    await finishRun(tx, finished);
    const running = await startRun(tx, { scope: 'running' });
    const late = await startRun(tx, { scope: 'late', lease: '-1 second' });
    return { ...opened, decided, chunk, open, wallet, otherWallet, dollars, running, finished, late };
  });
  await database.admin()
    .sql`insert into periods (starts_on, status) values ('2026-08-01', 'closed'), ('2026-07-01', 'closed')`;
});
afterAll(async () => await scene.database.drop());

/** A run and a chunk of the attacker's own that has decided the open batch up to `to`, without entries yet. */
async function ownChunk(tx: Connection, s: DecisionScene, to = s.open.lastId): Promise<{ run: Run; chunk: number }> {
  const run = await startRun(tx);
  const chunk = await openChunk(tx, run);
  await decideRange(tx, chunk, s.open, to);
  return { run, chunk };
}

/** The honest entry of the first open event but for what is told. */
async function enter(
  tx: Connection,
  s: DecisionScene,
  told: Partial<NewEntry> = {},
): Promise<{ run: Run; chunk: number }> {
  const own = await ownChunk(tx, s);
  await insertEntry(tx, {
    eventId: s.open.firstId,
    chunkId: own.chunk,
    knownSeq: own.run.knownSeq,
    walletId: s.wallet,
    amountMinor: 1000,
    ...told,
  });
  return own;
}

/** The same for both open events: what can be posted. */
async function enterAll(tx: Connection, s: DecisionScene): Promise<{ run: Run; chunk: number }> {
  const own = await enter(tx, s);
  await insertEntry(tx, {
    eventId: s.open.lastId,
    chunkId: own.chunk,
    knownSeq: own.run.knownSeq,
    walletId: s.wallet,
    amountMinor: 1000,
  });
  return own;
}

it('lets an honest decision and its posting through', async () => {
  for (const db of [scene.logins.operator, scene.logins.owner]) {
    expect(
      await refusal(db, async (tx) => {
        const { run, chunk } = await enterAll(tx, scene);
        await postChunks(tx, run, chunk);
      }),
    ).toBe('nothing');
  }
});

describe('job runs', () => {
  repels(
    () => scene,
    [
      attack(
        'starts a second run of a job and scope',
        '23505',
        async (tx) => void (await startRun(tx, { scope: 'running', attempt: 2 })),
      ),
      attack('repeats an attempt', '23505', async (tx) => void (await startRun(tx, { scope: 'finished' }))),
      attack(
        'records a run that never ran',
        'RV002',
        ({
          sql,
        }) => sql`insert into job_runs (job, scope, business_date, attempt, status, lease_until, worker, finished_at)
          values ('accrue-commissions', 'x', '2026-11-20', 1, 'succeeded', now(), 'test', now())`,
      ),
      attack(
        'changes a finished run',
        'RV001',
        ({ sql }, { finished }) => sql`update job_runs set summary = '{}' where id = ${finished.id}`,
      ),
      attack(
        'opens a finished run again',
        'RV001',
        ({ sql }, { finished }) =>
          sql`update job_runs set status = 'running', finished_at = null where id = ${finished.id}`,
      ),
      attack(
        'changes what a run is for',
        ['42501', 'RV001'],
        ({ sql }, { running }) => sql`update job_runs set business_date = '2027-01-01' where id = ${running.id}`,
      ),
      attack(
        'lets a run read another state of knowledge',
        'RV001',
        ({ sql }, { running }) => sql`update job_runs set known_seq = 1 where id = ${running.id}`,
      ),
    ],
  );

  it('lets another login mark a run lost, and nothing else', async () => {
    const other = await scene.database.as('attacking_second');
    const { id } = scene.running;
    expect(
      await refusal(
        other,
        async ({ sql }) => await sql`update job_runs set lease_until = now() + interval '1 day' where id = ${id}`,
      ),
    ).toBe('RV008');
    expect(
      await refusal(
        other,
        async ({ sql }) => await sql`update job_runs set status = 'succeeded', finished_at = now() where id = ${id}`,
      ),
    ).toBe('RV008');
    expect(
      await refusal(
        other,
        async ({ sql }) => await sql`update job_runs set status = 'lost', finished_at = now() where id = ${id}`,
      ),
    ).toBe('nothing');
  });
});

describe('decisions', () => {
  repels(
    () => scene,
    [
      attack('decides under a finished run', 'RV008', async (tx, s) => void (await openChunk(tx, s.finished))),
      attack('decides after its lease', 'RV008', async (tx, s) => void (await openChunk(tx, s.late))),
      attack('decides by another state of knowledge than its run’s', 'RV002', async (tx) => {
        const run = await startRun(tx);
        await openChunk(tx, { ...run, knownSeq: 1 });
      }),
      attack('decides with a fixed snapshot, which would not show a lost lease', 'RV002', async (tx) => {
        await tx.sql`set transaction isolation level repeatable read`;
        await openChunk(tx, await startRun(tx));
      }),
      attack('chooses the id of a chunk', 'RV002', async (tx) => {
        const run = await startRun(tx);
        await tx.sql`insert into decision_chunks (id, run_id, known_seq) overriding system value values (1000000, ${run.id}, ${run.knownSeq})`;
      }),
      attack(
        'moves a cursor without a range',
        'RV002',
        ({ sql }, { open }) => sql`update event_batches set decided_to = ${open.lastId} where id = ${open.id}`,
      ),
      attack(
        'moves a cursor back',
        'RV001',
        ({ sql }, { decided }) =>
          sql`update event_batches set decided_to = ${decided.firstId - 1} where id = ${decided.id}`,
      ),
      attack(
        'moves a cursor past its batch',
        '23514',
        ({ sql }, { decided }) =>
          sql`update event_batches set decided_to = ${decided.lastId + 1} where id = ${decided.id}`,
      ),
      attack('claims a range without moving the cursor', 'RV002', async (tx, { open }) => {
        const chunk = await openChunk(tx, await startRun(tx));
        await tx.sql`insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (${chunk}, ${open.id}, ${open.firstId}, ${open.lastId})`;
      }),
      attack('leaves a gap between ranges', 'RV002', async (tx, { open }) => {
        const chunk = await openChunk(tx, await startRun(tx));
        await tx.sql`update event_batches set decided_to = ${open.lastId} where id = ${open.id}`;
        await tx.sql`insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (${chunk}, ${open.id}, ${open.lastId}, ${open.lastId})`;
      }),
      attack(
        'adds a range to a chunk of an earlier transaction',
        'RV002',
        async (tx, { open, chunk }) => await decideRange(tx, chunk, open, open.lastId),
      ),
      attack('deletes a range', ['42501', 'RV001'], ({ sql }) => sql`delete from decision_ranges`),
    ],
  );

  it('refuses a run of another login while its lease lasts', async () => {
    const other = await scene.database.as('attacking_second');
    for (const db of [other, scene.logins.owner]) {
      expect(await refusal(db, async (tx) => await openChunk(tx, scene.running))).toBe('RV008');
    }
  });
});

describe('entries (SEMANTICS §4)', () => {
  repels(
    () => scene,
    [
      attack('changes an entry', ['42501', 'RV001'], ({ sql }) => sql`update entries set amount_minor = 1`),
      attack('deletes an entry', ['42501', 'RV001'], ({ sql }) => sql`delete from entries`),
      attack('empties the entries', ['42501', 'RV001'], ({ sql }) => sql`truncate entries`),
      attack('decides a leg twice in a transaction', '23505', async (tx, s) => {
        const { run, chunk } = await enter(tx, s);
        await insertEntry(tx, {
          eventId: s.open.firstId,
          chunkId: chunk,
          knownSeq: run.knownSeq,
          walletId: s.wallet,
          amountMinor: 5,
        });
      }),
      attack(
        'decides an event of an earlier chunk again',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { eventId: s.decided.firstId, leg: 1 })),
      ),
      attack('enters what no event caused', 'RV009', async (tx, s) => void (await enter(tx, s, { eventId: 777_777 }))),
      attack('enters an event outside the ranges of its chunk', 'RV002', async (tx, s) => {
        const { run, chunk } = await ownChunk(tx, s, s.open.firstId);
        await insertEntry(tx, {
          eventId: s.open.lastId,
          chunkId: chunk,
          knownSeq: run.knownSeq,
          walletId: s.wallet,
          amountMinor: 1,
        });
      }),
      attack('enters without a chunk', 'RV002', async (tx, s) => void (await enter(tx, s, { chunkId: 777_777 }))),
      attack(
        'enters into a chunk of an earlier transaction',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { chunkId: s.chunk })),
      ),
      attack(
        'enters into the wallet of another instance',
        'RV009',
        async (tx, s) => void (await enter(tx, s, { walletId: s.otherWallet })),
      ),
      attack(
        'enters into a wallet of another currency',
        'RV009',
        async (tx, s) => void (await enter(tx, s, { walletId: s.dollars })),
      ),
      attack(
        'enters into an account that is no wallet',
        'RV009',
        async (tx, s) => void (await enter(tx, s, { walletId: await ledgerAccount(tx, { type: 'cash' }) })),
      ),
      attack(
        'enters an amount into no wallet',
        '23514',
        async (tx, s) => void (await enter(tx, s, { walletId: null })),
      ),
      attack('enters zero without a reason', '23514', async (tx, s) => void (await enter(tx, s, { amountMinor: 0 }))),
      attack(
        'enters by a rule version that does not exist',
        '23503',
        async (tx, s) => void (await enter(tx, s, { ruleVersion: 999_999 })),
      ),
      attack(
        'posts on another day than its event’s',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { on: '2026-10-02', payableOn: '2026-10-31' })),
      ),
      attack(
        'posts on the first day of a later month, its own being open',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { on: '2026-11-01', payableOn: '2026-10-31' })),
      ),
      attack(
        'makes an entry payable before its hold is over',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { payableOn: '2026-10-30' })),
      ),
      attack(
        'makes an entry wait longer than its hold',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { payableOn: '2026-11-01' })),
      ),
      attack(
        'makes a negative wait',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { amountMinor: -1000, payableOn: '2026-10-31' })),
      ),
      attack(
        'enters what another state of knowledge says',
        'RV002',
        async (tx, s) => void (await enter(tx, s, { knownSeq: 1 })),
      ),
      attack('enters into a closed period', 'RV003', async (tx, s) => void (await enter(tx, s, { on: '2026-08-15' }))),
      attack(
        'closes the books',
        ['42501', null],
        ({ sql }) => sql`insert into periods (starts_on, status) values ('2026-09-01', 'closed')`,
      ),
      attack('opens a closed period', ['42501', null], ({ sql }) => sql`update periods set status = 'open'`),
    ],
  );

  /** Enters a payment. August 2026 is closed, and so is July. */
  const late = async (tx: Connection, on: string, postedOn: string, payableOn: string) => {
    const batch = await recordBatch(tx, scene.books.source, [
      { externalId: 'late', instanceId: scene.books.instance['acme-uk']!, on },
    ]);
    const run = await startRun(tx);
    const chunk = await openChunk(tx, run);
    await decideRange(tx, chunk, batch, batch.lastId);
    const eventId = batch.firstId;
    await insertEntry(tx, { eventId, chunkId: chunk, knownSeq: run.knownSeq, walletId: scene.wallet, amountMinor: 1000, on: postedOn, payableOn }); // prettier-ignore
    await postChunks(tx, run, chunk);
  };

  it('posts what happened in a closed period on the first day of the next open one, and on no other', async () => {
    const { operator } = scene.logins;
    expect(await refusal(operator, async (tx) => await late(tx, '2026-08-15', '2026-09-01', '2026-09-14'))).toBe(
      'nothing',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-08-15', '2026-10-01', '2026-09-14'))).toBe(
      'RV002',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-08-15', '2026-09-02', '2026-09-14'))).toBe(
      'RV002',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-08-15', '2026-08-15', '2026-09-14'))).toBe(
      'RV003',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-07-15', '2026-07-15', '2026-08-14'))).toBe(
      'RV003',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-06-15', '2026-06-15', '2026-07-15'))).toBe(
      'RV003',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-07-15', '2026-09-01', '2026-08-14'))).toBe(
      'nothing',
    );
    expect(await refusal(operator, async (tx) => await late(tx, '2026-07-15', '2026-08-01', '2026-08-14'))).toBe(
      'RV003',
    );
  });

  it('lets an event of a sale read what its first decision had read, and nothing else', async () => {
    const decide = async (tx: Connection, knownSeq: number) => {
      const acme = scene.books.instance['acme-uk']!;
      const sale = await insertSale(tx, { source: scene.books.source, ref: 'S-1', instanceId: acme, netMinor: 10_000 });
      const enterOne = async (externalId: string, netMinor: number, seq: (run: Run) => number) => {
        const kind = netMinor < 0 ? 'refund' : 'payment';
        const batch = await recordBatch(tx, scene.books.source, [
          { externalId, instanceId: acme, saleId: sale, kind, netMinor },
        ]);
        const run = await startRun(tx, { scope: externalId });
        const chunk = await openChunk(tx, run);
        await decideRange(tx, chunk, batch, batch.lastId);
        await insertEntry(tx, {
          eventId: batch.firstId,
          chunkId: chunk,
          knownSeq: seq(run),
          walletId: scene.wallet,
          amountMinor: netMinor / 10,
          kind: netMinor < 0 ? 'refund' : 'earning',
          ...(netMinor < 0 ? { payableOn: '2026-10-01' } : {}),
        });
        await postChunks(tx, run, chunk);
      };
      await enterOne('paid', 10_000, (run) => run.knownSeq);
      await drawKnownSeq(tx, 'something else');
      await enterOne('back', -10_000, (run) => run.knownSeq + knownSeq);
    };
    const { operator } = scene.logins;
    expect(await refusal(operator, async (tx) => await decide(tx, -1))).toBe('nothing');
    expect(await refusal(operator, async (tx) => await decide(tx, 0))).toBe('nothing');
    expect(await refusal(operator, async (tx) => await decide(tx, -2))).toBe('RV002');
  });

  it('makes a chunk and a posting belong to their own transaction whatever the insert says', async () => {
    expect(
      await refusal(scene.logins.operator, async (tx) => {
        const { run, chunk } = await enterAll(tx, scene);
        const [second] =
          await tx.sql`insert into decision_chunks (run_id, known_seq, transaction_id, created_by, recorded_at)
          values (${run.id}, ${run.knownSeq}, '999999999', 'somebody', '2020-01-01')
          returning transaction_id = pg_current_xact_id() as own, created_by, recorded_at = now() as now`;
        expect(second).toEqual({ own: true, created_by: 'tester', now: true });
        await ledgerAccount(tx, { type: 'commission_expense' });
        const [posting] =
          await tx.sql`insert into postings (run_id, chunk_from, chunk_to, transaction_id, created_by, recorded_at)
          values (${run.id}, ${chunk}, ${chunk}, '999999999', 'somebody', '2020-01-01')
          returning transaction_id = pg_current_xact_id() as own, created_by, recorded_at = now() as now`;
        expect(posting).toEqual({ own: true, created_by: 'tester', now: true });
      }),
    ).toBe('RV011');
  });
});
