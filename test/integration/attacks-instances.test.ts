import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq } from '../books.ts';
import type { Connection } from '../../src/db/connection.ts';
import { testDatabase } from '../database.ts';

interface InstanceScene extends BooksScene {
  /** A transfer of acme-uk to zenith from 2027 on, that two people agreed to and nobody has done. */
  readonly agreed: number;
}

let scene: InstanceScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const agreed = await opened.logins.operator.transaction(async (tx) => await ask(tx, opened, '2027-01-01'));
  const checker = await opened.database.as('attacking_checker');
  await checker.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${agreed}`;
  scene = { ...opened, agreed };
});
afterAll(async () => await scene.database.drop());

const suspend = async ({ sql }: Connection, code: string, on: string, status = 'suspended') =>
  await sql`insert into instance_status_changes (instance_id, status, effective_on, reason)
    select id, ${status}, ${on}, 'because' from instances where code = ${code}`;

/** Retires who earns at acme-uk and lets zenith earn from a day on. */
async function handOver(tx: Connection, { books }: BooksScene, from: string, to = 'zenith'): Promise<void> {
  const seq = await drawKnownSeq(tx);
  const [instance, partner] = [books.instance['acme-uk']!, books.partner[to]!];
  await tx.sql`update agreements set retired_seq = ${seq} where instance_id = ${instance} and retired_seq is null`;
  await tx.sql`
    insert into agreements (instance_id, partner_id, valid, known_seq) values
      (${instance}, ${books.partner['acme']!}, daterange(null, ${from}), ${seq}), (${instance}, ${partner}, daterange(${from}, null), ${seq})`;
}

async function ask({ sql }: Connection, { books }: BooksScene, from: string): Promise<number> {
  const payload = {
    acts: [],
    instance_id: books.instance['acme-uk']!,
    partner_id: books.partner['zenith']!,
    from,
  };
  const [made] = await sql<{ id: number }[]>`
    insert into requests (kind, reason, payload, content_hash) values ('transfer', 'because', ${JSON.stringify(payload)}::text::jsonb, '')
    returning id::int`;
  return made!.id;
}

const doIt = async ({ sql }: Connection, request: number) =>
  await sql`insert into request_applications (request_id) values (${request})`;

describe('suspending an instance (SEMANTICS §1, §4)', () => {
  repels(
    () => scene,
    [
      attack(
        'suspends an instance beside its history',
        ['42501', 'RV001'],
        ({ sql }) => sql`update instances set status = 'suspended' where code = 'acme-uk'`,
      ),
      attack(
        'holds an instance as suspended by hand',
        'RV001',
        ({ sql }, { books }) =>
          sql`insert into holds (instance_id, reason) values (${books.instance['acme-uk']!}, 'instance_suspended')`,
      ),
      attack('resumes an instance that is active', 'RV004', async (tx) => {
        await suspend(tx, 'acme-uk', '2026-11-01', 'active');
      }),
      attack('suspends an instance twice', 'RV004', async (tx) => {
        await suspend(tx, 'acme-uk', '2026-11-01');
        await suspend(tx, 'acme-uk', '2026-11-02');
      }),
      attack('suspends an instance before it was resumed', 'RV004', async (tx) => {
        await suspend(tx, 'acme-uk', '2026-11-01');
        await suspend(tx, 'acme-uk', '2026-11-10', 'active');
        await suspend(tx, 'acme-uk', '2026-11-05');
      }),
      attack('suspends an instance without a reason', '23514', async ({ sql }, { books }) => {
        await sql`insert into instance_status_changes (instance_id, status, effective_on, reason)
          values (${books.instance['acme-uk']!}, 'suspended', '2026-11-01', '')`;
      }),
      attack('lifts the hold of an instance that is still suspended', 'RV004', async (tx) => {
        await suspend(tx, 'acme-uk', '2026-11-01');
        await tx.sql`insert into hold_releases (hold_id) select id from open_holds where reason = 'instance_suspended'`;
      }),
      attack('rewrites when an instance was suspended', ['42501', 'RV001'], async (tx) => {
        await tx.sql`update instance_status_changes set effective_on = '2026-12-01'`;
      }),
      attack('holds a partner from a day on', '23514', async ({ sql }, { books }) => {
        await sql`insert into holds (partner_id, reason, held_from) values (${books.partner['acme']!}, 'dispute', '2026-11-01')`;
      }),
    ],
  );

  it('holds it from the day on, once, and releases it with the resumption', async () => {
    const undone = new Error('undone');
    await scene.logins.operator
      .transaction(async (tx) => {
        const open = async () => [
          ...(await tx.sql`select held_from, note, created_by from open_holds where reason = 'instance_suspended'`),
        ];
        await suspend(tx, 'acme-uk', '2026-11-01');
        expect(await open()).toEqual([{ held_from: '2026-11-01', note: 'because', created_by: 'tester' }]);
        await suspend(tx, 'acme-uk', '2026-11-10', 'active');
        expect(await open()).toEqual([]);
        expect(await tx.sql`select code, status from instances where status <> 'active'`).toHaveLength(0);
        throw undone;
      })
      .catch((error: unknown) => expect(error).toBe(undone));
  });
});

describe('handing an instance over (SEMANTICS §1, §7)', () => {
  repels(
    () => scene,
    [
      attack('lets another partner earn without a transfer', 'RV014', async (tx, here) => {
        await handOver(tx, here, '2027-01-01');
      }),
      attack('leaves an instance without a partner', 'RV014', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`update agreements set retired_seq = ${seq} where instance_id = ${books.instance['acme-uk']!}`;
      }),
      attack('does a transfer that nobody approved', 'RV014', async (tx, here) => {
        await doIt(tx, await ask(tx, here, '2027-01-01'));
        await handOver(tx, here, '2027-01-01');
      }),
      attack('approves a transfer of its own', 'RV014', async (tx, here) => {
        const request = await ask(tx, here, '2027-01-01');
        await tx.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
      }),
      attack('transfers on another day than was asked for', 'RV017', async (tx, here) => {
        await doIt(tx, await ask(tx, here, '2027-01-01'));
        await handOver(tx, here, '2026-12-01');
      }),
      attack('transfers to another partner than was asked for', 'RV017', async (tx, here) => {
        await doIt(tx, await ask(tx, here, '2027-01-01'));
        await handOver(tx, here, '2027-01-01', 'frosty');
      }),
      attack('does a transfer and hands nothing over', 'RV017', async (tx, here) => {
        await doIt(tx, await ask(tx, here, '2027-01-01'));
      }),
      attack('hands it on once the transfer was proved', 'RV017', async (tx, here) => {
        await doIt(tx, here.agreed);
        await handOver(tx, here, '2027-01-01');
        await tx.sql`set constraints all immediate`;
        await handOver(tx, here, '2027-01-01', 'frosty');
      }),
      attack('transfers another instance with it', 'RV014', async (tx, here) => {
        await doIt(tx, await ask(tx, here, '2027-01-01'));
        await handOver(tx, here, '2027-01-01');
        const seq = await drawKnownSeq(tx);
        await tx.sql`update agreements set retired_seq = ${seq} where instance_id = ${here.books.instance['acme-ie']!}`;
      }),
    ],
  );

  it('is done as it was asked for and approved', async () => {
    const request = await scene.logins.operator.transaction(async (tx) => await ask(tx, scene, '2027-01-01'));
    expect(
      await refusal(await scene.database.as('second_tester'), async (tx) => {
        await tx.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
        await doIt(tx, request);
        await handOver(tx, scene, '2027-01-01');
      }),
    ).toBe('nothing');
  });
});

describe('settings of an instance (SEMANTICS §1)', () => {
  repels(
    () => scene,
    [
      attack('sets a minimum payout for one instance', '23514', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into settings (name, instance_id, value, valid, known_seq)
          values ('minimum_payout', ${books.instance['acme-uk']!}, '{"EUR": 1}', daterange(null, null), ${seq})`;
      }),
    ],
  );
});
