import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressTiersJob } from '../../jobs/progress-tiers.ts';
import type { OpenedContext } from '../../src/app.ts';
import { lockClaims } from '../../src/db/queries/job-runs.ts';
import { drawKnownSeq } from '../../src/db/queries/known-changes.ts';
import type { Job } from '../../src/runner/job.ts';
import { runJob, type FinishedRun } from '../../src/runner/run-job.ts';
import { openBooks, recordBatch, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { importOpening } from '../../src/services/opening/import-opening.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { approveTier } from '../../src/services/tier/approve-tier.ts';
import { listProposals } from '../../src/services/tier/list-evaluations.ts';
import { pinTier, unpinTier } from '../../src/services/tier/pin-tier.ts';
import { accrue } from '../support/accrual.ts';
import { setSetting } from '../support/earnings.ts';

/** Tiers that move by themselves (SEMANTICS §8), in the books: acme earns at acme-uk, zenith at zenith-de. */
let database: TestDatabase;
let ctx: OpenedContext;
let books: Books;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context({ now: Date.UTC(2027, 5, 1, 12) });
  books = await openBooks(ctx.db);
});
afterEach(async () => await database.drop());

/** Puts a partner in a tier from the beginning. */
async function begin(partner: string, tier: string): Promise<void> {
  await ctx.db.sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
    select ${books.partner[partner]!}, ${tier}, daterange(null, null), draw_known_seq('a tier')`;
}

let external = 0;
/** What customers paid at an instance in a month, all together, in minor units. */
async function sold(
  month: string,
  revenue: number,
  customers: number,
  { at = 'acme-uk', currency = 'EUR' }: { at?: string; currency?: string } = {},
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const instanceId = books.instance[at]!;
    await tx.sql`
      insert into accounts (instance_id, code) select ${instanceId}, 'customer-' || g from generate_series(1, ${customers}::int) g on conflict do nothing`;
    const accounts = await tx.sql<{ id: number }[]>`
      select id::int from accounts where instance_id = ${instanceId} and code like 'customer-%' order by id limit ${customers}`;
    const each = Math.floor(revenue / customers);
    await recordBatch(
      tx,
      books.source,
      accounts.map(({ id }, index) => ({
        externalId: `e-${(external += 1)}`,
        instanceId,
        accountId: id,
        currency,
        on: `${month}-15`,
        netMinor: index === 0 ? revenue - each * (customers - 1) : each,
      })),
    );
  });
}

/** Until another session of this database waits for a lock. */
async function someoneWaits(): Promise<void> {
  await vi.waitFor(async () => {
    const [waiting] = await ctx.db
      .sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    expect(waiting).toBeDefined();
  }, 10_000);
}

const differences = async () => (await runDoctor(ctx)).checks.filter(({ result }) => result === 'difference');
const progress = async (date: string): Promise<FinishedRun> => await runJob(ctx, progressTiersJob, date);
const tiersOf = async (partner: string): Promise<string[]> =>
  (
    await ctx.db.sql<{ said: string }[]>`
      select t.tier || ' ' || t.valid::text as said from partner_tiers t where t.partner_id = ${books.partner[partner]!} and t.retired_seq is null
      order by t.valid`
  ).map(({ said }) => said);
const verdictsOf = async (partner: string): Promise<string[]> =>
  (
    await ctx.db.sql<{ said: string }[]>`
      select evaluated_on || ' ' || verdict || ' ' || tier_to as said from tier_evaluations where partner_id = ${books.partner[partner]!} order by evaluated_on`
  ).map(({ said }) => said);

describe('the golden cases of SEMANTICS §8', () => {
  it('silver with 26,000 a month and 49 customers stays; with 50 it is gold the next day', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 49);
    await progress('2026-11-01');
    expect(await tiersOf('acme')).toEqual(['silver (,)']);
    await sold('2026-11', 2_600_000, 50);
    await accrue(ctx, '2026-11-30');
    expect((await progress('2026-12-01')).summary).toMatchObject({
      evaluated_on: '2026-11-30',
      moved: expect.any(Number),
    });
    expect(await tiersOf('acme')).toEqual(['silver (,2026-12-01)', 'gold [2026-12-01,)']);
    expect(await verdictsOf('acme')).toEqual(['2026-10-31 stays silver', '2026-11-30 up gold']);
  });

  it('gold with 4,000 and 60 under grace 2: the first miss stays, the second goes down to silver, no further', async () => {
    await begin('acme', 'gold');
    await sold('2026-10', 400_000, 60);
    await progress('2026-11-01');
    expect(await tiersOf('acme')).toEqual(['gold (,)']);
    await sold('2026-11', 400_000, 60);
    await progress('2026-12-01');
    expect(await tiersOf('acme')).toEqual(['gold (,2026-12-01)', 'silver [2026-12-01,)']);
    expect(await verdictsOf('acme')).toEqual(['2026-10-31 missed gold', '2026-11-30 down silver']);
  });

  it('what it had missed before these books counts on, in the tier that it had it of', async () => {
    await begin('acme', 'gold');
    await begin('zenith', 'gold');
    const directory = mkdtempSync(join(tmpdir(), 'revshare-tiers-'));
    const file = join(directory, 'opening.csv');
    writeFileSync(
      file,
      'record,partner,currency,paid,withheld,tier,missed_evaluations\npartner,acme,EUR,0,0,gold,1\npartner,zenith,EUR,0,0,silver,1\n',
    );
    const asked = await importOpening(ctx, { file, label: 'opening.csv', reason: 'from the system before' });
    rmSync(directory, { recursive: true });
    const checker = await database.context({ actor: 'checker', now: Date.UTC(2027, 5, 1, 12) });
    await approveRequest(checker, { request: asked.id });
    await progress('2027-01-01');
    expect(await verdictsOf('acme')).toEqual(['2026-12-31 down silver']);
    expect(await verdictsOf('zenith')).toEqual(['2026-12-31 missed gold']);
    expect(await differences()).toEqual([]);
  });

  it('pinned until 31 December it is evaluated, and not moved; then it goes on', async () => {
    await begin('acme', 'gold');
    const november = await database.context();
    await pinTier(november, 'acme', { until: '2026-12-31', reason: 'a promise' });
    await setSetting(ctx.db, 'tier_grace', 1);
    for (const date of ['2026-12-01', '2026-12-31', '2027-01-01', '2027-02-01']) await progress(date);
    expect(await verdictsOf('acme')).toEqual([
      '2026-11-30 pinned gold',
      '2026-12-31 down silver',
      '2027-01-31 down bronze',
    ]);
    expect(await tiersOf('acme')).toEqual([
      'gold (,2027-01-01)',
      'silver [2027-01-01,2027-02-01)',
      'bronze [2027-02-01,)',
    ]);
  });
});

describe('an evaluation', () => {
  it('is made once a month-end, however often the job runs, and only for the last one before its date', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 50);
    const first = await progress('2026-11-01');
    expect(first.summary).toMatchObject({ evaluated_on: '2026-10-31', partners: 3, verdicts: { up: 3 }, moved: 3 });
    await sold('2026-10', 60_000_000, 50);
    for (const date of ['2026-11-01', '2026-11-02', '2026-11-30', '2026-10-15']) {
      expect((await progress(date)).summary).toMatchObject({ partners: 0, moved: 0 });
    }
    expect(await verdictsOf('acme')).toEqual(['2026-10-31 up gold']);
  });

  it('counts from after the last day that was accrued, and rates nothing again that is decided', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 50);
    await sold('2026-11', 1_000, 1);
    await accrue(ctx, '2026-11-20');
    const before = await ctx.db.sql`select event_id, amount_minor, tier from entries order by event_id`;
    await progress('2026-11-20');
    expect(await tiersOf('acme')).toEqual(['silver (,2026-11-21)', 'gold [2026-11-21,)']);
    await sold('2026-10', 5_000, 1);
    await sold('2026-12', 5_000, 1);
    await accrue(ctx, '2026-12-31');
    expect(
      await ctx.db.sql`select event_id, amount_minor, tier from entries order by event_id limit ${before.length}`,
    ).toEqual(before);
    const late = await ctx.db.sql`select tier from entries order by event_id desc limit 2`;
    expect(late.map(({ tier }) => tier as string)).toEqual(['gold', 'silver']);
    expect(await differences()).toEqual([]);
  });

  it('averages the months of its window; what went back is taken off, what is void counts nothing', async () => {
    await begin('acme', 'bronze');
    await setSetting(ctx.db, 'tier_window', 3);
    await sold('2026-08', 700_000, 10);
    await sold('2026-10', 800_000, 4);
    await progress('2026-11-01');
    expect(await verdictsOf('acme')).toEqual(['2026-10-31 up silver']);
    const [row] = await ctx.db
      .sql`select revenue_minor::int, customers from tier_evaluations where partner_id = ${books.partner['acme']!}`;
    expect(row).toEqual({ revenue_minor: 1_500_000, customers: 10 });
  });

  it('of a partner whose rate is missing waits, and the others go on; told, and exit code 6', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 50, { currency: 'USD' });
    await sold('2026-10', 2_600_000, 50, { at: 'zenith-de' });
    const run = await progress('2026-11-01');
    expect(run).toMatchObject({
      status: 'partly',
      failures: ['acme is not evaluated: there is no rate USD/EUR on 2026-10-31; `revshare fx import` brings it'],
      summary: { partners: 2, left: 1 },
    });
    expect(await verdictsOf('acme')).toEqual([]);
    await ctx.db.sql`insert into fx_rates (rate_date, base, quote, rate, source, known_seq)
      select '2026-10-30', 'EUR', 'USD', 1.3, 'ECB', draw_known_seq('a rate')`;
    expect(await progress('2026-11-02')).toMatchObject({
      status: 'succeeded',
      summary: { partners: 1, verdicts: { stays: 1 } },
    });
    const [row] = await ctx.db
      .sql`select revenue_minor::int, amounts from tier_evaluations where partner_id = ${books.partner['acme']!}`;
    expect(row).toEqual({
      revenue_minor: 2_000_000,
      amounts: [{ currency: 'USD', minor: '2600000', rate: '0.769230769230769231' }],
    });
  });

  it('recommends, and what is approved counts from then on; in manual mode it only says', async () => {
    await begin('acme', 'silver');
    await setSetting(ctx.db, 'tier_mode', 'recommend');
    await sold('2026-10', 2_600_000, 50);
    expect((await progress('2026-11-01')).summary).toMatchObject({ moved: 0, proposed: 3 });
    expect(await tiersOf('acme')).toEqual(['silver (,)']);
    await accrue(ctx, '2026-11-19');
    expect(await approveTier(ctx, 'acme')).toMatchObject({ tier: 'gold', approvedFrom: '2026-11-20', open: false });
    expect(await tiersOf('acme')).toEqual(['silver (,2026-11-20)', 'gold [2026-11-20,)']);
    await expect(approveTier(ctx, 'acme')).rejects.toMatchObject({ code: 'tier_not_proposed', exitCode: 3 });
    await setSetting(ctx.db, 'tier_mode', 'manual');
    expect((await progress('2026-12-01')).summary).toMatchObject({ moved: 0, proposed: 0 });
    expect(await differences()).toEqual([]);
  });

  it('cannot be approved any more once a pin has moved the partner, released or not', async () => {
    await begin('acme', 'silver');
    await setSetting(ctx.db, 'tier_mode', 'recommend');
    await sold('2026-10', 2_600_000, 50);
    await progress('2026-11-01');
    const proposed = async () => (await listProposals(ctx, { limit: 9, offset: 0 })).map(({ partner }) => partner);
    expect(await proposed()).toContain('acme');
    await pinTier(ctx, 'acme', { tier: 'platinum', until: '2027-12-31', reason: 'as agreed' });
    expect(await proposed()).not.toContain('acme');
    await unpinTier(ctx, 'acme', 'over');
    expect(await proposed()).not.toContain('acme');
    await expect(approveTier(ctx, 'acme')).rejects.toMatchObject({
      code: 'tier_not_proposed',
      message: 'there is nothing to approve for acme: it was pinned after its evaluation of 2026-10-31',
    });
  });

  it.each(['an evaluation', 'an approval', 'a pin'])(
    '%s and a new rule do not wait for each other for ever',
    async (what) => {
      await begin('acme', 'silver');
      await sold('2026-10', 2_600_000, 50);
      if (what === 'an approval') {
        await setSetting(ctx.db, 'tier_mode', 'recommend');
        await progress('2026-11-01');
      }
      let writing: Promise<unknown> = Promise.resolve();
      // As a rule is set: its number first, then the claim of the accrual.
      await ctx.db.transaction(async (tx) => {
        await drawKnownSeq(tx, 'a rule');
        writing =
          what === 'an evaluation'
            ? progress('2026-11-01')
            : what === 'an approval'
              ? approveTier(ctx, 'acme')
              : pinTier(ctx, 'acme', { tier: 'platinum', until: '2027-12-31', reason: 'as agreed' });
        await someoneWaits();
        await lockClaims(tx, 'accrue-commissions', '', 60);
      });
      await writing;
      expect(await tiersOf('acme')).toHaveLength(2);
    },
  );

  it('keeps a tier for its months, and takes no part of partners that never earn or had no contract yet', async () => {
    await begin('acme', 'silver');
    await setSetting(ctx.db, 'tier_grace', 1);
    await setSetting(ctx.db, 'tier_tenure_months', 2);
    await ctx.db.sql`update partners set contract_from = '2026-12-01' where code = 'zenith'`;
    await sold('2026-10', 2_600_000, 50);
    for (const month of ['2026-11', '2026-12', '2027-01', '2027-02']) await progress(`${month}-01`);
    expect(await verdictsOf('acme')).toEqual([
      '2026-10-31 up gold',
      '2026-11-30 kept gold',
      '2026-12-31 down silver',
      '2027-01-31 kept silver',
    ]);
    expect(await verdictsOf('zenith')).toEqual(['2026-12-31 up bronze', '2027-01-31 stays bronze']);
  });

  it('on a dry run says what the real one does, and writes nothing', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 50);
    const dry = await database.context({ dryRun: true });
    await runJob(dry, progressTiersJob, '2026-11-01');
    expect(await verdictsOf('acme')).toEqual([]);
    const planned = await database.context({ plan: dry.report.plan! });
    expect((await runJob(planned, progressTiersJob, '2026-11-01')).summary).toMatchObject({ moved: 3 });
    expect(await tiersOf('acme')).toEqual(['silver (,2026-11-01)', 'gold [2026-11-01,)']);
  });

  it('of a worker whose lease is over writes nothing, and the next run does it all', async () => {
    await begin('acme', 'silver');
    await sold('2026-10', 2_600_000, 50);
    const stopped = {
      ...progressTiersJob,
      run: async (work: Parameters<Job['run']>[0]) => {
        await ctx.db.sql`update job_runs set lease_until = clock_timestamp() where id = ${work.run.id}`;
        return await progressTiersJob.run(work);
      },
    };
    await expect(runJob(ctx, stopped, '2026-11-01')).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await verdictsOf('acme')).toEqual([]);
    expect((await progress('2026-11-01')).summary).toMatchObject({ partners: 3, moved: 3 });
  });
});
