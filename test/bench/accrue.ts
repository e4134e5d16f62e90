import { asc, eq } from 'drizzle-orm';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { entries, revenueEvents } from '../../src/db/schema/all.ts';
import { loadRuleBook } from '../../src/db/queries/rule-book.ts';
import type { Kind } from '../../src/domain/rating/model.ts';
import { ratePlainly } from '../support/rating-inputs.ts';
import { ruleBook } from '../../src/domain/rating/rule-book.ts';
import { BundledChild } from './bundled-child.ts';
import { CopyBaseline, type CopyTarget } from './copy-baseline.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { growth, grouped, median, say, type Figure } from './report.ts';
import { fillEvents, fillUniverse, LAST_DAY } from './universe.ts';

const ENTRIES: CopyTarget = {
  like: 'entries',
  columns: [
    'event_id',
    'chunk_id',
    'wallet_id',
    'amount_minor',
    'base_minor',
    'full_minor',
    'rule_version_id',
    'known_seq',
    'rate_ppm',
    'posting_date',
    'payable_on',
    'kind',
    'reason',
    'leg',
    'tier',
  ],
  guard: {
    function: 'guard_entries',
    without: [' and c.transaction_id = pg_current_xact_id_if_assigned()', '  perform assert_not_posted(chunks);\n'],
  },
};

/** The accrual, claim to posted, beside COPY of the very entries it made; small beside large; and one row at a time. */
export async function benchAccrue(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('accrue-child.ts');
  const measured = new Map<number, Measured>();
  const figures: Figure[] = [];
  for (const size of sizes) {
    const programme = `events_${size}`;
    const ctx = await home.programme(programme);
    const admin = home.admin(programme);
    say(`${programme}: generating`);
    await fillUniverse(ctx.db);
    await fillEvents(ctx.db, size);
    await admin.sql`vacuum analyze`;
    const runs: Measured[] = [];
    const guarded: number[] = [];
    const bare: number[] = [];
    const copy = new CopyBaseline(admin, ENTRIES, home.path(`${programme}.copy`));
    for (let round = 0; round < rounds; round += 1) {
      await undecide(admin);
      await admin.sql`checkpoint`;
      const run = await child.run<Measured & { events: number }>({ where: home.where, programme, date: LAST_DAY });
      if (run.events !== size) {
        throw new Error(`${run.events} events were decided, not ${size}`);
      }
      runs.push(run);
      await copy.prepare();
      guarded.push(await copy.guarded());
      bare.push(await copy.bare());
      say(
        `${programme} round ${round + 1}: accrual ${run.seconds.toFixed(2)} s, ${run.peakMb.toFixed(0)} MB; ` +
          `COPY guarded ${guarded.at(-1)!.toFixed(2)} s, bare ${bare.at(-1)!.toFixed(2)} s`,
      );
    }
    const seconds = median(runs.map((run) => run.seconds));
    const name = grouped(size);
    measured.set(size, { seconds, peakMb: median(runs.map((run) => run.peakMb)) });
    figures.push(
      { bench: 'accrue', name: `${name} events, claim to posted`, value: size / seconds, unit: 'events/s' },
      {
        bench: 'accrue',
        name: `${name}: COPY of its entries, same guards`,
        value: size / median(guarded),
        unit: 'rows/s',
      },
      {
        bench: 'accrue',
        name: `${name}: accrual / COPY, same guards`,
        value: median(guarded) / seconds,
        unit: '',
        ...(size === Math.max(...sizes) ? { aim: { atLeast: 0.45 } } : {}),
      },
      { bench: 'accrue', name: `${name}: accrual / COPY, no guards`, value: median(bare) / seconds, unit: '' },
    );
    if (size === Math.min(...sizes)) {
      figures.push(...(await besideALoop(ctx, admin, size / seconds)));
    }
    await ctx.close();
    await admin.close();
  }
  return [...figures, ...growth('accrue', measured, 'event')];
}

/** Back to before the first run, past every guard: only a superuser can, and only for measuring. */
export async function undecide(admin: Database): Promise<void> {
  await admin.transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    await sql`truncate entries, window_moves, account_terms, decision_ranges, transfers, postings, decision_chunks, job_runs, ledger_accounts cascade`;
    await sql`update event_batches set decided_to = first_id - 1`;
  });
  await admin.sql`vacuum event_batches`;
}

const LOOP_EVENTS = 2000;

/** What the same rating gives when every row is a query of its own: for orientation. */
async function besideALoop(ctx: OpenedContext, admin: Database, accrued: number): Promise<Figure[]> {
  const book = ruleBook(await loadRuleBook(ctx.db, 1_000_000));
  const [wallet] = await admin.sql`select id::float8 as id from ledger_accounts where type = 'wallet' limit 1`;
  await admin.sql.unsafe(`create table looped (like entries including all)`);
  // The same table by another name; drizzle takes the name from its own definition.
  await admin.sql.unsafe(`alter table entries rename to entries_kept; alter table looped rename to entries`);
  const ids = await admin.orm
    .select({ id: revenueEvents.id })
    .from(revenueEvents)
    .orderBy(asc(revenueEvents.id))
    .limit(LOOP_EVENTS);
  const began = performance.now();
  for (const { id } of ids) {
    const [row] = await admin.orm.select().from(revenueEvents).where(eq(revenueEvents.id, id));
    const event = {
      ...row!,
      id: Number(row!.id),
      kind: row!.kind as Kind,
      instanceId: Number(row!.instanceId),
      accountId: row!.accountId === null ? null : Number(row!.accountId),
      productId: row!.productId === null ? null : Number(row!.productId),
      net: BigInt(row!.netMinor),
      gross: BigInt(row!.grossMinor),
      wholesaleNet: null,
    };
    const [leg] = ratePlainly({ event, sale: null, state: null, book }).legs;
    await admin.orm.insert(entries).values({
      eventId: row!.id,
      chunkId: 1n as never,
      walletId: (wallet?.['id'] ?? null) as never,
      amountMinor: leg!.amount as never,
      baseMinor: leg!.base as never,
      fullMinor: leg!.full as never,
      ruleVersionId: leg!.ruleVersionId as never,
      knownSeq: leg!.knownSeq as never,
      ratePpm: leg!.ratePpm,
      postingDate: row!.occurredOn,
      payableOn: row!.occurredOn,
      kind: leg!.kind,
      reason: leg!.decisionReason,
      leg: leg!.leg,
      tier: leg!.tier,
    });
  }
  const looped = LOOP_EVENTS / ((performance.now() - began) / 1000);
  await admin.sql.unsafe(`drop table entries; alter table entries_kept rename to entries`);
  return [
    { bench: 'accrue', name: `a loop over ${grouped(LOOP_EVENTS)} rows, drizzle, no guards`, value: looped, unit: 'events/s' }, // prettier-ignore
    { bench: 'accrue', name: 'accrual / that loop', value: accrued / looped, unit: '' },
  ];
}
