import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';

/** The schedule of `nightly` began on 10 September 2026 and has done it; its 11th failed; `yearly` runs at the moment. */
let scene: BooksScene;
beforeAll(async () => {
  scene = await openScene(await testDatabase());
  await scene.logins.operator.transaction(async (tx) => {
    await tx.sql`insert into job_schedules (job, starts_on) values ('nightly', '2026-09-10'), ('yearly', '2026-01-01')`;
    await end(tx, await begin(tx, '2026-09-10'), 'succeeded');
    await end(tx, await begin(tx, '2026-09-11'), 'failed');
    await begin(tx, '2026-01-01', { job: 'yearly' });
  });
});
afterAll(async () => await scene.database.drop());

async function begin(
  { sql }: Connection,
  date: string,
  { job = 'nightly', origin = 'schedule', attempt = 1 } = {},
): Promise<number> {
  const [run] = await sql<{ id: number }[]>`
    insert into job_runs (job, business_date, origin, attempt, status, lease_until, worker)
    values (${job}, ${date}, ${origin}, ${attempt}, 'running', now() + interval '1 minute', 'test') returning id::int`;
  return run!.id;
}

async function end({ sql }: Connection, id: number, status: string): Promise<void> {
  await sql`update job_runs set status = ${status}, finished_at = now() where id = ${id}`;
}

describe('the schedule', () => {
  repels(
    () => scene,
    [
      attack('does a date again', 'RV028', async (tx) => void (await begin(tx, '2026-09-10', { attempt: 2 }))),
      attack('goes back behind what it has done', 'RV002', async (tx) => void (await begin(tx, '2026-09-09'))),
      attack(
        'has a date of a job that no scheduler has seen',
        'RV002',
        async (tx) => void (await begin(tx, '2026-09-12', { job: 'unseen' })),
      ),
      attack(
        'runs a job that is running',
        '23505',
        async (tx) => void (await begin(tx, '2026-01-02', { job: 'yearly' })),
      ),
      attack('makes a run by hand one of the schedule', ['42501', 'RV001'], async (tx) => {
        const id = await begin(tx, '2026-09-12', { origin: 'hand' });
        await tx.sql`update job_runs set origin = 'schedule' where id = ${id}`;
      }),
      attack(
        'has runs of another origin',
        '23514',
        async (tx) => void (await begin(tx, '2026-09-12', { origin: 'nobody' })),
      ),
      attack(
        'begins at another date',
        ['42501', 'RV001'],
        ({ sql }) => sql`update job_schedules set starts_on = '2026-10-01' where job = 'nightly'`,
      ),
      attack('is forgotten', ['42501', 'RV001'], ({ sql }) => sql`delete from job_schedules where job = 'nightly'`),
      attack(
        'begins twice',
        '23505',
        ({ sql }) => sql`insert into job_schedules (job, starts_on) values ('nightly', '2026-10-01')`,
      ),
    ],
  );

  it('tries again what failed, runs what was done by hand, and goes on', async () => {
    for (const db of [scene.logins.operator, scene.logins.owner]) {
      expect(
        await refusal(db, async (tx) => {
          await end(tx, await begin(tx, '2026-09-11', { attempt: 2 }), 'partly');
          await end(tx, await begin(tx, '2026-09-10', { attempt: 2, origin: 'hand' }), 'succeeded');
          await end(tx, await begin(tx, '2026-09-13'), 'succeeded');
        }),
      ).toBe('nothing');
    }
  });

  it('waits for whoever runs a date, and then finds it done', async () => {
    const { operator } = scene.logins;
    const second = await scene.database.as('scheduling_second');
    const first = await operator.transaction(async (tx) => await begin(tx, '2026-09-20'));
    let rival: Promise<string> = Promise.resolve('nothing');
    await operator.transaction(async (tx) => {
      await end(tx, first, 'succeeded');
      rival = refusal(second, async (other) => void (await begin(other, '2026-09-20', { attempt: 2 })));
      // Until it waits for the row of the run that is about to end.
      for (let waits = 0; waits === 0;) {
        const [row] = await scene.database.admin().sql<{ waits: number }[]>`
          select count(*)::int as waits from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        waits = row!.waits;
      }
    });
    expect(await rival).toBe('RV028');
  });
});
