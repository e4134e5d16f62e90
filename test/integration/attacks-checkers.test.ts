import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { drawKnownSeq } from '../../src/db/queries/known-changes.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { draft } from '../support/drafted-run.ts';
import { earn } from '../support/earnings.ts';

/** Runs over the limit of 50.00 EUR, which want two checkers (SEMANTICS §7), and 60.00 more due to acme; tester attacks. */
interface CheckerScene extends BooksScene {
  /** Made by maker, approved by checker: wants another. */
  readonly half: number;
  /** Made by tester, approved by checker. */
  readonly own: number;
  /** Made by maker, approved by tester. */
  readonly mine: number;
  /** Asked for by maker and approved by checker, not applied: 9000.00 EUR, of requests and of runs. */
  readonly ofRequests: number;
  readonly ofRuns: number;
}

let scene: CheckerScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const maker = await database.context({ actor: 'maker' });
  const checker = await database.context({ actor: 'checker' });
  const tester = await database.context();
  const asked = async (of: 'request' | 'run', amount: string) =>
    (await askForLimit(maker, { of, currency: 'EUR', amount, reason: 'test' })).id;
  for (const amount of ['8000', '50']) await approveRequest(checker, { request: await asked('run', amount) });
  const run = async (by: typeof maker) => {
    await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 6000 }]);
    return (await generatePayouts(by, { partner: 'acme' })).run!;
  };
  const half = await run(maker);
  await approveRun(checker, { run: half });
  const own = await run(tester);
  await approveRun(checker, { run: own });
  const mine = await run(maker);
  await approveRun(tester, { run: mine });
  await earn(logins.operator, books, [{ instance: 'acme-uk', amount: 6000 }]);
  const [ofRequests, ofRuns] = [await asked('request', '9000'), await asked('run', '9000')];
  await checker.db
    .sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id in (${ofRequests}, ${ofRuns})`;
  scene = { ...opened, half, own, mine, ofRequests, ofRuns };
});
afterAll(async () => await scene.database.drop());

const says = (statement: (s: CheckerScene) => string) => async (tx: Connection, s: CheckerScene) =>
  await tx.sql.unsafe(statement(s));
const approval = (run: number) =>
  `insert into main.payout_approvals (run_id, content_hash) select id, content_hash from main.payout_runs where id = ${run}`;
const ready = (run: number) =>
  `insert into main.payout_status_changes (payout_id, status) select id, 'ready' from main.payouts where run_id = ${run}`;

/** Replaces the limit under a number of its own; `valid` of the new one. */
async function setLimit({ sql }: Connection, knownSeq: number, value: string, valid: string): Promise<void> {
  await sql.unsafe(
    `update main.settings set retired_seq = ${knownSeq} where name = 'second_checker_limit' and retired_seq is null`,
  );
  await sql.unsafe(
    `insert into main.settings (name, value, valid, known_seq) values ('second_checker_limit', '${value}', ${valid}, ${knownSeq})`,
  );
}

describe('two checkers of a run over the limit', () => {
  repels(
    () => scene,
    [
      attack(
        'its payouts are ready by one approval',
        'RV014',
        says(({ half }) => ready(half)),
      ),
      attack(
        'the maker is the second of them',
        ['RV014', null],
        says(({ own }) => approval(own)),
      ),
      attack(
        'the first is the second, too',
        ['RV014', null],
        says(({ mine }) => approval(mine)),
      ),
      attack(
        'the first is the second in another’s name',
        ['RV014', null],
        says(
          ({ mine }) =>
            `insert into main.payout_approvals (run_id, content_hash, created_by) select id, content_hash, 'somebody' from main.payout_runs where id = ${mine}`,
        ),
      ),
      attack(
        'the second approves other content',
        'RV013',
        says(
          ({ half }) => `insert into main.payout_approvals (run_id, content_hash) values (${half}, repeat('0', 64))`,
        ),
      ),
      attack(
        'the first approval is deleted',
        ['42501', 'RV001'],
        says(({ half }) => `delete from main.payout_approvals where run_id = ${half}`),
      ),
      attack(
        'the first approval is another person’s afterwards',
        ['42501', 'RV001'],
        says(({ mine }) => `update main.payout_approvals set created_by = 'somebody' where run_id = ${mine}`),
      ),
      attack(
        'the run went by no limit afterwards',
        ['42501', 'RV001'],
        says(({ half }) => `update main.payout_runs set limit_id = null where id = ${half}`),
      ),
      attack(
        'the approval went by no limit afterwards',
        ['42501', 'RV001'],
        says(({ half }) => `update main.payout_approvals set limit_id = null where run_id = ${half}`),
      ),
      attack('the run changes between the two', ['42501', 'RV001'], async (tx, { half }) => {
        await tx.sql.unsafe(
          `update main.payouts set gross_minor = gross_minor + 1, sent_minor = sent_minor + 1 where run_id = ${half}`,
        );
      }),
    ],
  );

  it('lets the second make them ready, and no third approve', async () => {
    const third = await scene.database.as('third');
    expect(
      await refusal(scene.logins.operator, async ({ sql }) => {
        await sql.unsafe(approval(scene.half));
        await sql.unsafe(ready(scene.half));
      }),
    ).toBe('nothing');
    expect(await refusal(third, async ({ sql }) => await sql.unsafe(ready(scene.mine)))).toBe('RV014');
    await scene.logins.operator.transaction(async ({ sql }) => await sql.unsafe(approval(scene.half)));
    expect(await refusal(third, async ({ sql }) => await sql.unsafe(approval(scene.half)))).toBe('RV004');
  });

  it('takes the limit that stands, whichever the maker and the checker name', async () => {
    const tester = await scene.database.as('tester');
    const third = await scene.database.as('third');
    const earlier = `(select min(id) from main.settings where name = 'second_checker_limit')`;
    const run = await tester.transaction(async (tx) => await draft(tx, 'acme-uk', { limit: earlier }));
    await third.sql.unsafe(
      `insert into payout_approvals (run_id, content_hash, limit_id) select id, content_hash, ${earlier} from payout_runs where id = ${run}`,
    );
    const limits = await tester.sql`
      select distinct s.value, c.approvals, c.wanted
      from payout_runs r join payout_approvals a on a.run_id = r.id join settings s on s.id in (r.limit_id, a.limit_id)
      join payout_run_checks c on c.run_id = r.id where r.id = ${run}`;
    expect(limits).toEqual([{ value: { EUR: 5000 }, approvals: 1, wanted: 2 }]);
    expect(await refusal(third, async ({ sql }) => await sql.unsafe(ready(run)))).toBe('RV014');
  });
});

describe('the limit itself', () => {
  repels(
    () => scene,
    [
      attack('is raised by one person', 'RV014', async (tx) => {
        await setLimit(tx, await drawKnownSeq(tx, 'test'), '{"EUR": 900000}', `daterange('2026-01-01', null)`);
      }),
      attack('is retired by one person', 'RV014', async (tx) => {
        const knownSeq = await drawKnownSeq(tx, 'test');
        await tx.sql.unsafe(
          `update main.settings set retired_seq = ${knownSeq} where name = 'second_checker_limit' and retired_seq is null`,
        );
      }),
      attack(
        'is raised in place',
        ['42501', 'RV014'],
        says(() => `update main.settings set value = '{"EUR": 900000}' where name = 'second_checker_limit'`),
      ),
      attack(
        'is moved to other days',
        ['42501', 'RV014'],
        says(
          () => `update main.settings set valid = daterange('2999-01-01', null) where name = 'second_checker_limit'`,
        ),
      ),
      attack(
        'is known from an earlier number on',
        ['42501', 'RV014'],
        says(() => `update main.settings set known_seq = 1 where name = 'second_checker_limit'`),
      ),
      attack(
        'is deleted',
        ['42501', 'RV001'],
        says(() => `delete from main.settings where name = 'second_checker_limit'`),
      ),
      attack('is set by what two agreed of requests', 'RV014', async (tx, { ofRequests }) => {
        await tx.sql.unsafe(`insert into main.request_applications (request_id) values (${ofRequests})`);
        await setLimit(tx, await drawKnownSeq(tx, 'test'), '{"EUR": 900000}', `daterange('2026-01-01', null)`);
      }),
      attack('is set otherwise than two agreed', 'RV014', async (tx, { ofRuns }) => {
        await tx.sql.unsafe(`insert into main.request_applications (request_id) values (${ofRuns})`);
        await setLimit(tx, await drawKnownSeq(tx, 'test'), '{"EUR": 900001}', `daterange('2026-01-01', null)`);
      }),
      attack('is gone until what two agreed begins', 'RV017', async (tx, { ofRuns }) => {
        await tx.sql.unsafe(`insert into main.request_applications (request_id) values (${ofRuns})`);
        await setLimit(tx, await drawKnownSeq(tx, 'test'), '{"EUR": 900000}', `daterange('2999-01-01', null)`);
      }),
      attack('is said under a number of before', 'RV002', async (tx, { ofRuns }) => {
        await tx.sql.unsafe(`insert into main.request_applications (request_id) values (${ofRuns})`);
        await tx.sql.unsafe(
          `insert into main.settings (name, value, valid, known_seq) values ('second_checker_limit', '{"EUR": 900000}', daterange('2026-01-01', null), 1)`,
        );
      }),
    ],
  );

  it('changes as two agreed, so that what is refused above is refused for what it says', async () => {
    const applied = async (tx: Connection) => {
      await tx.sql.unsafe(`insert into main.request_applications (request_id) values (${scene.ofRuns})`);
      await setLimit(tx, await drawKnownSeq(tx, 'test'), '{"EUR": 900000}', `daterange('2026-01-01', null)`);
    };
    expect(await refusal(scene.logins.operator, applied)).toBe('nothing');
  });
});
