import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  announceBatch,
  applyActs,
  insertEvent,
  insertRequest,
  recordBatch,
  type Batch,
  type NewEvent,
} from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import type { Connection } from '../../src/db/connection.ts';

interface RevenueScene extends BooksScene {
  /** Recorded before the attacks: events 'known' and 'known-too' at acme-uk. */
  readonly batch: Batch;
}

let scene: RevenueScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { books, logins } = opened;
  const acme = books.instance['acme-uk']!;
  await allowAlone(opened.database);
  scene = await logins.operator.transaction(async (tx) => {
    const batch = await recordBatch(tx, books.source, [
      { externalId: 'known', instanceId: acme },
      { externalId: 'known-too', instanceId: acme },
    ]);
    return { ...opened, batch };
  });
});
afterAll(async () => await scene.database.drop());

/** One person may void here, so that a void can be part of one transaction; a limit wants two, or the triggers off. */
async function allowAlone(database: TestDatabase): Promise<void> {
  await database.admin().transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    await sql`insert into settings (name, value, valid, known_seq, created_by, recorded_at)
      values ('four_eyes_limit', '{"EUR": 1000000}', daterange(null, null), 1, 'tester', now())`;
  });
}

/** One event of its own batch, like the plain one of acme-uk but for what is told; a void by a request of its own. */
const record = async (tx: Connection, { books }: BooksScene, told: Partial<NewEvent>): Promise<void> => {
  const event = { externalId: 'attack', instanceId: books.instance['acme-uk']!, ...told };
  if (told.kind !== 'void') {
    await recordBatch(tx, books.source, [event]);
    return;
  }
  const acts = [
    { kind: 'void', instance_id: event.instanceId, ...(told.voidsId === undefined ? {} : { voids_id: told.voidsId }) },
  ];
  await applyActs(tx, await insertRequest(tx, 'void', acts), books.source, acts);
};

describe('identity of events (SEMANTICS §2)', () => {
  repels(
    () => scene,
    [
      attack('records one id twice', '23505', async (tx, s) => await record(tx, s, { externalId: 'known' })),
      attack(
        'records version 2 while version 1 lives',
        'RV007',
        async (tx, s) => await record(tx, s, { externalId: 'known', version: 2 }),
      ),
      attack('begins with version 2', 'RV007', async (tx, s) => await record(tx, s, { externalId: 'new', version: 2 })),
      attack('skips a version after a void', 'RV007', async (tx, s) => {
        await record(tx, s, { externalId: 'void:known', kind: 'void', netMinor: 0, voidsId: s.batch.firstId });
        await record(tx, s, { externalId: 'known', version: 3 });
      }),
      attack('voids an event twice', '23505', async (tx, s) => {
        await record(tx, s, { externalId: 'void:1', kind: 'void', netMinor: 0, voidsId: s.batch.firstId });
        await record(tx, s, { externalId: 'void:2', kind: 'void', netMinor: 0, voidsId: s.batch.firstId });
      }),
      attack(
        'voids what does not exist',
        '23503',
        async (tx, s) => await record(tx, s, { kind: 'void', netMinor: 0, voidsId: 1_000_000 }),
      ),
      attack(
        'voids an event of another instance',
        '23503',
        async (tx, s) =>
          await record(tx, s, {
            kind: 'void',
            netMinor: 0,
            voidsId: s.batch.firstId,
            instanceId: s.books.instance['acme-ie']!,
          }),
      ),
      attack('takes back a void', '23503', async (tx, s) => {
        await record(tx, s, { externalId: 'void:1', kind: 'void', netMinor: 0, voidsId: s.batch.firstId });
        const [last] = await tx.sql`select max(id)::int as id from revenue_events`;
        await record(tx, s, { externalId: 'void:2', kind: 'void', netMinor: 0, voidsId: last?.['id'] as number });
      }),
      attack('records a void of nothing', '23514', async (tx, s) => await record(tx, s, { kind: 'void', netMinor: 0 })),
    ],
  );

  it('lets the next version in once the one before is void', async () => {
    expect(
      await refusal(scene.logins.operator, async (tx) => {
        await record(tx, scene, { externalId: 'void:known', kind: 'void', netMinor: 0, voidsId: scene.batch.firstId });
        await record(tx, scene, { externalId: 'known', version: 2 });
      }),
    ).toBe('nothing');
  });
});

describe('events are facts (SEMANTICS §2)', () => {
  repels(
    () => scene,
    [
      attack(
        'changes an event',
        ['42501', 'RV001'],
        ({ sql }) => sql`update revenue_events set net_minor = 1 where external_id = 'known'`,
      ),
      attack(
        'changes an event by importing it again',
        ['42501', 'RV001'],
        ({ sql }) => sql`insert into revenue_events select * from revenue_events where external_id = 'known'
          on conflict (source_id, external_id, version) do update set net_minor = 1`,
      ),
      attack('deletes an event', ['42501', 'RV001'], ({ sql }) => sql`delete from revenue_events`),
      attack('empties the events', ['42501', 'RV001'], ({ sql }) => sql`truncate revenue_events`),
      ...(
        [
          ['payment', -1],
          ['chargeback_won', -1],
          ['refund', 1],
          ['chargeback', 1],
          ['credit_note', 1],
          ['signup', 1],
        ] as const
      ).map(([kind, netMinor]) =>
        attack(
          `records a ${kind} of the wrong sign`,
          '23514',
          async (tx: Connection, s: RevenueScene) => await record(tx, s, { kind, netMinor }),
        ),
      ),
      attack(
        'records a payment whose gross has the wrong sign',
        '23514',
        async (tx, s) => await record(tx, s, { netMinor: 0, grossMinor: -1 }),
      ),
      ...([1e15 + 1, -1e15 - 1] as const).map((netMinor) =>
        attack(
          `records an amount beyond all bounds: ${netMinor}`,
          '23514',
          async (tx: Connection, s: RevenueScene) => await record(tx, s, { kind: 'adjustment', netMinor }),
        ),
      ),
      attack(
        'records an event at an account of another instance',
        '23503',
        async (tx, s) => await record(tx, s, { accountId: s.books.account['zenith-de/C1']! }),
      ),
      attack('records an event of no instance', '23503', async (tx, s) => await record(tx, s, { instanceId: 999 })),
      attack('records an event of no product', '23503', async (tx, s) => await record(tx, s, { productId: 999 })),
      attack('records an event of no currency', '23503', async (tx, s) => await record(tx, s, { currency: 'XQQ' })),
    ],
  );
});

describe('batches (SEMANTICS §2)', () => {
  /** An event put straight into a batch, outside its own. */
  const smuggle = async (tx: Connection, { books }: RevenueScene, at: { id: number; batchId: number }, on?: string) =>
    await insertEvent(
      tx,
      { ...at, source: books.source },
      {
        externalId: `smuggled-${at.id}`,
        instanceId: books.instance['acme-uk']!,
        ...(on === undefined ? {} : { on }),
      },
    );
  const announce = async (tx: Connection, { books }: RevenueScene, events: number) =>
    await announceBatch(tx, { source: books.source, events, from: '2026-10-01', to: '2026-10-31' });

  repels(
    () => scene,
    [
      attack(
        'adds an event to a batch that is complete',
        'RV002',
        async (tx, s) => await smuggle(tx, s, { id: s.batch.lastId + 500, batchId: s.batch.id }),
      ),
      attack('records an event of no batch', 'RV002', async (tx, s) => await smuggle(tx, s, { id: 500, batchId: 999 })),
      attack('records an event outside the ids of its batch', 'RV002', async (tx, s) => {
        const batch = await announce(tx, s, 1);
        await smuggle(tx, s, { id: batch.lastId + 1, batchId: batch.id });
      }),
      attack('records an event outside the dates of its batch', 'RV002', async (tx, s) => {
        const batch = await announce(tx, s, 1);
        await smuggle(tx, s, { id: batch.firstId, batchId: batch.id }, '2026-11-01');
      }),
      attack('records an event of another source than its batch', 'RV002', async (tx, s) => {
        const [other] = await tx.sql`insert into sources (code) values ('another') returning id`;
        const batch = await announceBatch(tx, {
          source: other?.['id'] as number,
          events: 1,
          from: '2026-10-01',
          to: '2026-10-31',
        });
        await smuggle(tx, s, { id: batch.firstId, batchId: batch.id });
      }),
      attack('announces two events and records one', 'RV002', async (tx, s) => {
        const batch = await announce(tx, s, 2);
        await smuggle(tx, s, { id: batch.firstId, batchId: batch.id });
      }),
      attack('records events out of the order of their dates', 'RV002', async (tx, s) => {
        const batch = await announce(tx, s, 2);
        await smuggle(tx, s, { id: batch.lastId, batchId: batch.id }, '2026-10-01');
        await smuggle(tx, s, { id: batch.firstId, batchId: batch.id }, '2026-10-31');
      }),
      attack('announces other dates than its events have', 'RV002', async (tx, s) => {
        const batch = await announce(tx, s, 1);
        await smuggle(tx, s, { id: batch.firstId, batchId: batch.id }, '2026-10-02');
      }),
      ...['bonus', 'write_off', 'opening', 'true_up'].map((kind) =>
        attack<RevenueScene>(`imports a ${kind}`, 'RV002', async (tx, s) => await record(tx, s, { kind, netMinor: 0 })),
      ),
      attack(
        'announces ids that nobody drew',
        'RV002',
        (
          { sql },
          { books },
        ) => sql`insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
          values (${books.source}, 'import', 900000, 900000, 899999, '2026-10-01', '2026-10-01', 1, 0, 0)`,
      ),
      attack(
        'announces ids of another batch',
        '23P01',
        (
          { sql },
          { books, batch },
        ) => sql`insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
          values (${books.source}, 'import', ${batch.lastId}, ${batch.lastId}, ${batch.lastId - 1}, '2026-10-01', '2026-10-01', 1, 0, 0)`,
      ),
      attack('announces a batch that is decided already', 'RV002', async (tx, { books }) => {
        const [drawn] = await tx.sql`select allocate_event_ids(1)::int as first`;
        const first = drawn?.['first'] as number;
        await tx.sql`insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
            values (${books.source}, 'import', ${first}, ${first}, ${first}, '2026-10-01', '2026-10-01', 1, 0, 0)`;
      }),
      attack('chooses the id of a batch', 'RV002', async (tx, { books }) => {
        const [drawn] = await tx.sql`select allocate_event_ids(1)::int as first`;
        const first = drawn?.['first'] as number;
        await tx.sql`insert into event_batches (id, source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
            overriding system value
            values (700000, ${books.source}, 'import', ${first}, ${first}, ${first - 1}, '2026-10-01', '2026-10-01', 1, 0, 0)`;
      }),
      attack(
        'changes what a batch was',
        ['42501', 'RV001'],
        ({ sql }) => sql`update event_batches set last_id = last_id + 1`,
      ),
      attack(
        'draws more ids than there are',
        'RV002',
        ({ sql }) => sql`select allocate_event_ids(9223372036854775807)`,
      ),
      attack('turns the ids back', ['42501', null], ({ sql }) => sql`select setval('event_ids', 1)`),
      attack('draws ids past their door', ['42501', null], ({ sql }) => sql`select nextval('event_ids')`),
    ],
  );

  it('makes a batch belong to its own transaction whatever the insert says', async () => {
    const { books, logins } = scene;
    await logins.operator.transaction(async (tx) => {
      const batch = await recordBatch(tx, books.source, [
        { externalId: 'honest', instanceId: books.instance['acme-uk']! },
      ]);
      const [drawn] = await tx.sql`select allocate_event_ids(1)::int as first`;
      const first = drawn?.['first'] as number;
      const [forged] = await tx.sql`
        insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected, transaction_id, created_by, recorded_at)
        values (${books.source}, 'import', ${first}, ${first}, ${first - 1}, '2026-10-01', '2026-10-01', 1, 0, 0, '999999999', 'somebody', '2020-01-01')
        returning id, transaction_id = pg_current_xact_id() as own, created_by, recorded_at = now() as now`;
      expect(forged).toMatchObject({ own: true, created_by: 'tester', now: true });
      await insertEvent(
        tx,
        { id: first, batchId: Number(forged?.['id']), source: books.source },
        { externalId: 'forged', instanceId: books.instance['acme-uk']! },
      );
      expect(batch.lastId).toBeLessThan(first);
    });
  });

  it('hands out ids without waiting for the import beside it, and lets go when a call fails', async () => {
    const other = await scene.database.as('attacking_second');
    await scene.logins.operator.transaction(async (tx) => {
      await tx.sql`select allocate_event_ids(10)`;
      await tx.sql`savepoint s`;
      await tx.sql`select allocate_event_ids(-1)`.catch(() => {});
      await tx.sql`rollback to s`;
      const [drawn] = await other.sql`set statement_timeout = '2s'`.then(
        async () => await other.sql`select allocate_event_ids(1) as first`,
      );
      expect(Number(drawn?.['first'])).toBeGreaterThan(0);
    });
  });
});
