import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Database } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  applyActs,
  decideRange,
  drawKnownSeq,
  insertEntry,
  insertRequest,
  insertSale,
  ledgerAccount,
  openChunk,
  recordBatch,
  startRun,
  type Batch,
  type NewAct,
  type NewEntry,
} from '../books.ts';
import { testDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

interface RequestScene extends BooksScene {
  /** A bonus of 10.00 for acme at acme-uk: asked for by `attacking_maker`, and what it asks for. */
  readonly asked: number;
  readonly bonus: readonly NewAct[];
  /** The same, approved by `attacking_checker`. */
  readonly approved: number;
  readonly rejected: number;
  /** The same, asked for by the attackers themselves. */
  readonly own: Readonly<Record<'operator' | 'owner', number>>;
  readonly done: number;
  readonly maker: Database;
  readonly checker: Database;
  /** A payment, and a refund whose sale has no payment; both decided. */
  readonly decided: Batch;
  readonly settlement: (eventId: number) => readonly NewAct[];
}

let scene: RequestScene;
beforeAll(async () => {
  const database = await testDatabase();
  const opened = await openScene(database);
  const { books, logins } = opened;
  const [maker, checker] = [await database.as('attacking_maker'), await database.as('attacking_checker')];
  const [instance, partner] = [books.instance['acme-uk']!, books.partner['acme']!];
  const give = (kind: string, amount: string, to = partner): readonly NewAct[] => [
    { kind, instance_id: instance, legs: [{ partner_id: to, amount_minor: amount }] },
  ];
  const bonus = give('bonus', '1000');
  const ask = async (db: Database) => await db.transaction(async (tx) => await insertRequest(tx, 'bonus', bonus));
  const approve = async (request: number) =>
    await checker.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
  const [asked, approved, rejected, done] = [await ask(maker), await ask(maker), await ask(maker), await ask(maker)];
  await approve(approved);
  await approve(done);
  await checker.transaction(async (tx) => await applyActs(tx, done, books.source, bonus));
  await checker.sql`insert into request_rejections (request_id, reason) values (${rejected}, 'no')`;
  const decided = await logins.operator.transaction(async (tx) => {
    const saleId = await insertSale(tx, { source: books.source, ref: 'S', instanceId: instance, netMinor: 5000 });
    return await recordBatch(tx, books.source, [
      { externalId: 'paid', instanceId: instance },
      { externalId: 'orphan', instanceId: instance, kind: 'refund', netMinor: -100, saleId },
    ]);
  });
  await accrue(await database.context(), '2026-11-20');
  scene = {
    ...opened,
    asked,
    bonus,
    approved,
    rejected,
    done,
    own: { operator: await ask(logins.operator), owner: await ask(logins.owner) },
    maker,
    checker,
    decided,
    settlement: (eventId) => [{ ...give('adjustment', '-10')[0]!, regards_id: eventId }],
  };
});
afterAll(async () => await scene.database.drop());

/** Does a request by these acts. */
const apply = async (tx: Connection, { books }: BooksScene, request: number, acts: readonly NewAct[]) =>
  await applyActs(tx, request, books.source, acts);

/** Asks for acts and does them, in one go. */
const alone = async (tx: Connection, s: BooksScene, kind: string, acts: readonly NewAct[]) =>
  await apply(tx, s, await insertRequest(tx, kind, acts), acts);

const otherBonus = (
  s: RequestScene,
  told: Partial<NewAct['legs'] extends readonly (infer L)[] | undefined ? L : never>,
) => [{ ...s.bonus[0]!, legs: [{ ...s.bonus[0]!.legs![0]!, ...told }] }];

/** Does the approved bonus and decides it, as given but for what is told. */
async function decide(tx: Connection, s: RequestScene, told: Partial<NewEntry>): Promise<NewEntry> {
  const batch = await apply(tx, s, s.approved, s.bonus);
  const run = await startRun(tx, { scope: 'attack' });
  const chunkId = await openChunk(tx, run);
  await decideRange(tx, chunkId, batch, batch.lastId);
  const wallet = { instanceId: s.books.instance['acme-uk']!, partnerId: s.books.partner['acme']! };
  const entry = {
    eventId: batch.firstId,
    chunkId,
    knownSeq: run.knownSeq,
    walletId: await ledgerAccount(tx, wallet),
    amountMinor: 1000,
    kind: 'bonus',
    on: '2026-11-21',
    ...told,
  };
  await insertEntry(tx, entry);
  return entry;
}

describe('four eyes (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack('gives a bonus without asking', 'RV014', async (tx, { books }) => {
        await recordBatch(
          tx,
          books.source,
          [{ externalId: 'b', instanceId: books.instance['acme-uk']!, kind: 'bonus', netMinor: 0 }],
          'operator',
        );
      }),
      attack('gives a bonus as if the system had computed it', 'RV002', async (tx, { books }) => {
        await recordBatch(
          tx,
          books.source,
          [{ externalId: 'b', instanceId: books.instance['acme-uk']!, kind: 'bonus', netMinor: 0 }],
          'system',
        );
      }),
      attack('asks and does it at once', 'RV014', async (tx, s) => await alone(tx, s, 'bonus', s.bonus)),
      attack('does what nobody has approved', 'RV014', async (tx, s) => await apply(tx, s, s.asked, s.bonus)),
      attack('does what was approved a second time', '23505', async (tx, s) => await apply(tx, s, s.done, s.bonus)),
      attack('does what was rejected', 'RV004', async (tx, s) => await apply(tx, s, s.rejected, s.bonus)),
      attack(
        'approves what was rejected',
        'RV004',
        async ({ sql }, s) =>
          await sql`
        insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${s.rejected}`,
      ),
      attack(
        'rejects what is done',
        'RV004',
        async ({ sql }, s) =>
          await sql`
        insert into request_rejections (request_id, reason) values (${s.done}, 'too late')`,
      ),
      attack(
        'gives more than was approved',
        'RV017',
        async (tx, s) => await apply(tx, s, s.approved, otherBonus(s, { amount_minor: '1001' })),
      ),
      attack(
        'gives it to somebody else',
        'RV009',
        async (tx, s) => await apply(tx, s, s.approved, otherBonus(s, { partner_id: s.books.partner['frosty']! })),
      ),
      attack('gives it twice', 'RV017', async (tx, s) => await apply(tx, s, s.approved, [...s.bonus, ...s.bonus])),
      attack(
        'gives nothing',
        'RV017',
        async (tx, s) => await apply(tx, s, s.approved, [{ kind: 'bonus', instance_id: s.books.instance['acme-uk']! }]),
      ),
      attack('adds a leg once it was proved', 'RV002', async (tx, s) => {
        const batch = await apply(tx, s, s.approved, s.bonus);
        await tx.sql`set constraints all immediate`;
        await tx.sql`insert into event_legs (event_id, leg, partner_id, amount_minor) values (${batch.firstId}, 1, ${s.books.partner['acme']!}, 5)`;
      }),
      attack(
        'adds a leg to what is done',
        'RV002',
        async ({ sql }, s) =>
          await sql`
        insert into event_legs (event_id, leg, partner_id, amount_minor)
        select first_id, 1, ${s.books.partner['acme']!}, 5 from event_batches where request_id = ${s.done}`,
      ),
      attack(
        'adds a leg to a payment',
        'RV002',
        async ({ sql }, s) =>
          await sql`
        insert into event_legs (event_id, leg, partner_id, amount_minor) values (${s.decided.firstId}, 1, ${s.books.partner['acme']!}, 5)`,
      ),
      attack(
        'approves other content than it has',
        'RV017',
        async ({ sql }, s) =>
          await sql`
        insert into request_approvals (request_id, content_hash) values (${s.asked}, ${'0'.repeat(64)})`,
      ),
      attack('raises the limit alone', 'RV014', async (tx) => {
        await tx.sql`insert into settings (name, value, valid, known_seq) values ('four_eyes_limit', '{"EUR": 100000000}', daterange('2026-01-01', null), ${await drawKnownSeq(tx)})`;
      }),
      attack(
        'changes a request',
        ['42501', 'RV001'],
        async ({ sql }) => await sql`update requests set payload = '{"acts": []}'`,
      ),
      attack('deletes a rejection', ['42501', 'RV001'], async ({ sql }) => await sql`delete from request_rejections`),
      attack('changes a leg', ['42501', 'RV001'], async ({ sql }) => await sql`update event_legs set amount_minor = 0`),
      attack('puts a file under a request', 'RV014', async (tx, { books, approved }) => {
        const [drawn] = await tx.sql`select allocate_event_ids(1)::int as first`;
        const first = drawn?.['first'] as number;
        await tx.sql`insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected, request_id)
          values (${books.source}, 'import', ${first}, ${first}, ${first - 1}, '2026-10-01', '2026-10-01', 1, 0, 0, ${approved})`;
      }),
    ],
  );

  it.each(['operator', 'owner'] as const)('lets nobody approve what they asked for themselves: %s', async (who) => {
    const approving = async ({ sql }: Connection) =>
      await sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${scene.own[who]}`;
    expect(await refusal(scene.logins[who], approving)).toBe('RV014');
    expect(await refusal(scene.checker, approving)).toBe('nothing');
  });

  repels(
    () => scene,
    [
      attack('posts more than is given', 'RV009', async (tx, s) => await decide(tx, s, { amountMinor: 1001 })),
      attack('posts it to another partner', 'RV009', async (tx, s) => {
        const { instance, partner } = s.books;
        await decide(tx, s, {
          walletId: await ledgerAccount(tx, { instanceId: instance['acme-uk']!, partnerId: partner['zenith']! }),
        });
      }),
      attack('posts a second leg beside what is given', 'RV009', async (tx, s) => {
        const decided = await decide(tx, s, {});
        await insertEntry(tx, { ...decided, leg: 1 });
      }),
    ],
  );

  it('lets what is given be posted', async () => {
    expect(await refusal(scene.logins.operator, async (tx) => await decide(tx, scene, {}))).toBe('nothing');
  });

  it('lets what was approved be done, by anybody who may, and decided as it was given', async () => {
    expect(
      await refusal(scene.logins.operator, async (tx) => await apply(tx, scene, scene.approved, scene.bonus)),
    ).toBe('nothing');
  });
});

describe('acts are about something (SEMANTICS §2, §4)', () => {
  repels(
    () => scene,
    [
      attack(
        'settles what is no orphan',
        'RV006',
        async (tx, s) => await alone(tx, s, 'settlement', s.settlement(s.decided.firstId)),
      ),
      attack(
        'settles an orphan twice',
        '23505',
        async (tx, s) =>
          await alone(tx, s, 'settlement', [...s.settlement(s.decided.lastId), ...s.settlement(s.decided.lastId)]),
      ),
      attack(
        'rates nothing again',
        '23514',
        async (tx, s) => await alone(tx, s, 'rerate', [{ kind: 'rerate', instance_id: s.books.instance['acme-uk']! }]),
      ),
      attack('rates an event of another instance again', '23503', async (tx, s) => {
        await alone(tx, s, 'rerate', [
          { kind: 'rerate', instance_id: s.books.instance['zenith-de']!, regards_id: s.decided.firstId },
        ]);
      }),
      attack('rates a sale again alone', 'RV014', async (tx, s) => {
        await alone(tx, s, 'rerate', [
          { kind: 'rerate', instance_id: s.books.instance['acme-uk']!, regards_id: s.decided.firstId },
        ]);
      }),
      attack('writes off what is not there', 'RV017', async (tx, s) => {
        await alone(tx, s, 'write_off', [{ ...otherBonus(s, { amount_minor: '-7' })[0]!, kind: 'write_off' }]);
      }),
      attack('voids an event of a sale outside it', '23503', async (tx, s) => {
        await alone(tx, s, 'void', [
          { kind: 'void', instance_id: s.books.instance['acme-uk']!, voids_id: s.decided.lastId },
        ]);
      }),
    ],
  );
});

describe('the hierarchy of partners (SEMANTICS §1)', () => {
  const link = async (tx: Connection, s: BooksScene, below: string, above: string, days = '[,)') =>
    await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
      values (${s.books.partner[below]!}, ${s.books.partner[above]!}, ${days}::daterange, ${await drawKnownSeq(tx)})`;

  repels(
    () => scene,
    [
      attack('closes a circle', 'RV018', async (tx, s) => {
        await link(tx, s, 'acme', 'zenith');
        await link(tx, s, 'zenith', 'acme');
      }),
      attack('makes more levels than there are', 'RV018', async (tx, s) => {
        await link(tx, s, 'acme', 'zenith');
        await link(tx, s, 'zenith', 'frosty');
      }),
    ],
  );

  it('counts links only where they are in force together', async () => {
    expect(
      await refusal(scene.logins.operator, async (tx) => {
        await link(tx, scene, 'acme', 'zenith', '[,2026-01-01)');
        await link(tx, scene, 'zenith', 'acme', '[2026-01-01,)');
      }),
    ).toBe('nothing');
  });

  it('has as many levels as the setting says', async () => {
    const { operator } = scene.logins;
    expect(
      await refusal(operator, async (tx) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`update settings set retired_seq = ${seq} where name = 'partner_levels'`;
        await tx.sql`insert into settings (name, value, valid, known_seq) values ('partner_levels', '2', daterange(null, null), ${seq})`;
        await link(tx, scene, 'acme', 'zenith');
        await link(tx, scene, 'zenith', 'frosty');
      }),
    ).toBe('nothing');
  });
});
