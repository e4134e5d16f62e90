import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { postgresFailure } from '../../src/db/failures.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import {
  applyActs,
  decideRange,
  insertRequest,
  insertTransfer,
  ledgerAccount,
  openChunk,
  postOwnActs,
  recordBatch,
  startRun,
} from '../books.ts';
import { testDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

/** Acme earned in August, September and October 2026; August is closed, and September is soft-closed. */
interface PeriodScene extends BooksScene {
  readonly wallet: number;
  readonly expense: number;
  readonly cash: number;
  readonly receivable: number;
  readonly revenue: number;
}
let scene: PeriodScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { operator } = opened.logins;
  const at = { instanceId: opened.books.instance['acme-uk']!, partnerId: opened.books.partner['acme']! };
  await earn(operator, opened.books, [
    { instance: 'acme-uk', amount: 1000, on: '2026-08-03' },
    { instance: 'acme-uk', amount: 2000, on: '2026-09-03' },
    { instance: 'acme-uk', amount: 3000, on: '2026-10-03' },
  ]);
  scene = await operator.transaction(async (tx) => {
    await tx.sql.unsafe(changes('2026-08', 'closed'));
    await tx.sql.unsafe(changes('2026-09', 'soft_closed'));
    return {
      ...opened,
      wallet: await ledgerAccount(tx, at),
      expense: await ledgerAccount(tx, { type: 'commission_expense' }),
      cash: await ledgerAccount(tx, { type: 'cash' }),
      receivable: await ledgerAccount(tx, { ...at, type: 'wholesale_receivable' }),
      revenue: await ledgerAccount(tx, { type: 'wholesale_revenue' }),
    };
  });
});
afterAll(async () => await scene.database.drop());

/** A change of a period as the tool writes it, and whatever else is told of it. */
function changes(month: string, status: string, more: Readonly<Record<string, string>> = {}): string {
  const told = { reason: `'x'`, ...more };
  return `insert into main.period_changes (starts_on, from_status, status, ${Object.keys(told).join(', ')})
    values ('${month}-01', 'open', '${status}', ${Object.values(told).join(', ')})`;
}
const says =
  (...lines: string[]) =>
  async ({ sql }: Connection) => {
    for (const line of lines) await sql.unsafe(line);
  };

const REQUEST = `insert into main.requests (kind, reason, payload, content_hash)
  values ('reopening', 'x', '{"about": "x", "acts": [], "period": "2026-08"}', '')`;
const APPLY = `insert into main.request_applications (request_id) select max(id) from main.requests`;
const ASKED = { request_id: '(select max(id) from main.requests)' };

describe('periods change in their order, by the database’s own account (SEMANTICS §9)', () => {
  repels(
    () => scene,
    [
      attack('closes a month before the one in front of it', 'RV004', says(changes('2026-10', 'closed'))),
      attack('closes a month that is not over', 'RV029', says(changes('2099-01', 'closed'))),
      attack('closes what is closed', 'RV004', says(changes('2026-08', 'closed'))),
      attack('closes a month of before the books', 'RV004', says(changes('2026-07', 'closed'))),
      attack('soft-closes out of order', 'RV004', says(changes('2026-09', 'open'), changes('2026-10', 'soft_closed'))),
      attack('softens a closed month', 'RV004', says(changes('2026-08', 'soft_closed'))),
      attack('opens a month that is open', 'RV004', says(changes('2026-10', 'open'))),
      attack('opens a closed month alone', 'RV004', says(changes('2026-08', 'open'))),
      attack(
        'closes from the second of a month on',
        'RV004',
        says(changes('2026-09', 'closed').replace('09-01', '09-02')),
      ),
      attack('invents a status', 'RV004', says(changes('2026-09', 'sealed'))),
      attack('opens without saying why', '23514', says(changes('2026-09', 'open', { reason: 'null' }))),
      attack('opens by a request that nobody does', 'RV014', says(REQUEST, changes('2026-09', 'open', ASKED))),
      attack(
        'changes it in a fixed snapshot',
        'RV002',
        says('set transaction isolation level repeatable read', changes('2026-09', 'closed')),
      ),
      attack('rewrites what became of one', ['42501', 'RV001'], says(`update main.period_changes set status = 'open'`)),
      attack('takes a change away', ['42501', 'RV001'], says('delete from main.period_changes')),
      attack('writes the status itself', ['42501', null], says(`update main.periods set status = 'open'`)),
      attack('takes a period away', ['42501', 'RV001'], says('delete from main.periods')),
    ],
  );

  test('what is frozen is what the ledger says, whatever is claimed', async () => {
    const { operator } = scene.logins;
    const rolledBack = new Error('rolled back');
    await operator
      .transaction(async ({ sql }) => {
        const claims = { control: `'{"accounts": []}'`, control_hash: `'0'`, seen: `'3:3:'`, created_by: `'ben'` };
        await sql.unsafe(changes('2026-09', 'closed', claims));
        const [row] = await sql`
          select control = (select control from period_controls(array[date '2026-09-01'])) as control, from_status as was,
            control_hash = control_hash(starts_on, control) as hash, seen::text <> '3:3:' as seen, created_by as by
          from period_changes order by id desc limit 1`;
        expect(row).toEqual({ control: true, was: 'soft_closed', hash: true, seen: true, by: 'tester' });
        throw rolledBack;
      })
      .catch((error: unknown) => expect(error).toBe(rolledBack));
  });

  test('a month before the books begin is not closed in front of them', async () => {
    const early = says(
      `set local session_replication_role = replica; delete from main.period_changes; delete from main.periods; set local session_replication_role = origin`,
      changes('2026-07', 'closed'),
    );
    expect(await refusal(scene.database.admin(), early)).toBe('RV004');
  });

  test('what a night has decided and not posted keeps a period from closing', async () => {
    const { logins, books } = scene;
    const unposted = async (tx: Connection) => {
      const made = [{ externalId: 'unposted', instanceId: books.instance['acme-uk']!, on: '2026-09-20' }];
      const batch = await recordBatch(tx, books.source, made);
      await decideRange(tx, await openChunk(tx, await startRun(tx, { scope: 'unposted' })), batch, batch.lastId);
    };
    const close = says(changes('2026-09', 'closed'));
    expect(await refusal(logins.operator, close)).toBe('nothing');
    const both = async (tx: Connection) => {
      await unposted(tx);
      await close(tx);
    };
    expect(await refusal(logins.operator, both)).toBe('RV032');
  });

  test('only with a second person’s word, the last alone, and nothing else, a closed one opens', async () => {
    const { operator } = scene.logins;
    const second = await scene.database.as('second');
    const september = changes('2026-09', 'open');
    const august = changes('2026-08', 'open', ASKED);
    const seen = async (...lines: string[]) => await refusal(operator, says(...lines));
    expect(await seen(REQUEST, APPLY, september, august)).toBe('RV014');
    await operator.sql.unsafe(REQUEST);
    await second.sql.unsafe(`insert into main.request_approvals (request_id, content_hash)
      select id, content_hash from main.requests order by id desc limit 1`);
    expect(await seen(APPLY, august)).toBe('RV004');
    expect(await seen(APPLY, september)).toBe('RV017');
    expect(await seen(september, august)).toBe('RV014');
    expect(await seen(september, APPLY, august)).toBe('nothing');
  });
});

/** A transfer of a posting of its own, of this kind and day. */
const posts =
  (posting: string, kind: string, on: string, accounts: (s: PeriodScene) => [number, number]) =>
  async (tx: Connection, s: PeriodScene) => {
    const [made] = await tx.sql<{ id: number }[]>`insert into postings (kind) values (${posting}) returning id::int`;
    const [debit, credit] = accounts(s);
    await insertTransfer(tx, { posting: made!.id, debit, credit, amountMinor: 1, kind, on });
  };
const out = (s: PeriodScene): [number, number] => [s.wallet, s.cash];
const charged = (s: PeriodScene): [number, number] => [s.receivable, s.revenue];

describe('nothing posts into a closed period, and next to nothing into a soft-closed one (SEMANTICS §9)', () => {
  repels(
    () => scene,
    [
      attack('submits a payout in August', 'RV003', posts('payout', 'payout_submitted', '2026-08-31', out)),
      attack('submits a payout in September', 'RV003', posts('payout', 'payout_submitted', '2026-09-30', out)),
      attack('submits one before the books began', 'RV003', posts('payout', 'payout_submitted', '2020-01-31', out)),
      attack('charges wholesale in August', 'RV003', posts('wholesale', 'wholesale_usage', '2026-08-31', charged)),
      attack('charges wholesale in September', 'RV003', posts('wholesale', 'wholesale_usage', '2026-09-30', charged)),
      attack('calls a payout an adjustment', 'RV003', posts('payout', 'adjustment', '2026-09-30', out)),
      attack('posts in a fixed snapshot', 'RV002', async (tx, s) => {
        await tx.sql`set transaction isolation level repeatable read`;
        await posts('payout', 'payout_submitted', '2026-10-31', out)(tx, s);
      }),
    ],
  );

  test.each([
    ['2020-09-15', 'RV003'],
    ['2026-08-15', 'RV003'],
    ['2026-09-15', 'RV003'],
    ['2026-10-15', 'nothing'],
  ])('a night enters what is of %s on its own day: %s', async (on, refused) => {
    const entered = earn(scene.logins.operator, scene.books, [{ instance: 'acme-uk', amount: 500, on }]);
    const code = await entered.then(
      () => 'nothing',
      (error: unknown) => postgresFailure(error)?.code,
    );
    expect(code).toBe(refused);
  });

  test.each([
    ['agreed to on its day', true, '2026-09-10', 'nothing'],
    ['agreed to on another day', true, '2026-09-11', 'RV003'],
    ['agreed to by nobody', false, '2026-09-10', 'RV003'],
  ])('an adjustment of September, %s', async (_, agreed, on, refused) => {
    const { logins, books } = scene;
    const legs = [{ partner_id: books.partner['acme']!, amount_minor: '300' }];
    const acts = [{ kind: 'adjustment', instance_id: books.instance['acme-uk']!, legs }];
    const request = await logins.operator.transaction(
      async (tx) => await insertRequest(tx, 'adjustment', acts, '2026-09-10'),
    );
    const checker = await scene.database.as('agreeing');
    if (agreed) {
      await checker.sql`insert into request_approvals (request_id, content_hash)
        select id, content_hash from requests where id = ${request}`;
    }
    const code = await refusal(checker, async (tx) => {
      await postOwnActs(tx, await applyActs(tx, request, books.source, acts, on), acts);
    });
    expect(code).toBe(refused);
  });
});
