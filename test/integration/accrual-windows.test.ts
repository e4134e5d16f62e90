import { expect, it } from 'vitest';
import { closeWindowsJob } from '../../jobs/close-windows.ts';
import type { OpenedContext } from '../../src/app.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { accrueCommissions } from '../../src/services/accrual/accrue-commissions.ts';
import type { Unit } from '../../src/services/context.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { drawKnownSeq, openBooks, type Books } from '../books.ts';
import { testDatabase } from '../database.ts';
import { accrualJob, accrue, booksOf, choices, offences } from '../support/accrual.ts';
import { GOLDEN_BRACKETS, insertTerms, tell, type Told } from '../support/rating-books.ts';

/**
 * Windows, caps and clocks do not know where a chunk ends: an event a chunk, three a chunk and all at once come to the same
 * books, and so does a run that is stopped in the middle and taken up by the next.
 */
const LAST = '2026-12-31';

/** Rules that count, at every scope of the books: by the month, quarter and lifetime; an override; months for accounts. */
async function countingRules(ctx: OpenedContext, books: Books): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { partner, instance, account } = books;
    await insertTerms(tx, {
      scope: 'instance',
      scopeId: instance['acme-uk']!,
      says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal', cap_window_minor: 4_000 },
    });
    await insertTerms(tx, {
      scope: 'partner',
      scopeId: partner['acme']!,
      says: { ...GOLDEN_BRACKETS, bracket_mode: 'whole', window_kind: 'quarter' },
    });
    await insertTerms(tx, {
      scope: 'account',
      scopeId: account['acme-uk/C1']!,
      says: { kind: 'percentage', rate_ppm: 125_000, earning_months: 2, cap_window_minor: 5_000, window_kind: 'lifetime', window_per: 'account', currency: 'EUR' },
    }); // prettier-ignore
    await insertTerms(tx, { level: 1, says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal', on_rest: true } });
    const seq = await drawKnownSeq(tx, 'zenith stands above acme');
    await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
      values (${partner['acme']!}, ${partner['zenith']!}, daterange(null, null), ${seq})`;
  });
}

/** Three months of sales, half of them invoices that are paid in parts and given back in parts. */
function events(books: Books, next: () => number): Told[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const told: Told[] = [];
  for (let n = 0; n < 120; n += 1) {
    const on = `2026-1${Math.floor(next() * 3)}-${String(1 + Math.floor(next() * 28)).padStart(2, '0')}`;
    const place = pick(['acme-uk', 'acme-uk', 'acme-ie', 'zenith-de']);
    const accountId = next() < 0.4 ? books.account[`${place}/C1`] : undefined;
    const at = { instanceId: books.instance[place]!, ...(accountId === undefined ? {} : { accountId }) };
    const worth = 100 + Math.floor(next() * 12_000);
    if (next() < 0.5) {
      told.push({ id: `own-${n}`, on, net: worth, ...at });
      continue;
    }
    const of = { sale: `S-${n}`, worth, on };
    const paid = Math.floor(worth * (0.3 + 0.7 * next()));
    told.push({ id: `pay-${n}`, on, net: paid, of, ...at });
    if (next() < 0.6) told.push({ id: `back-${n}`, on: later(on, next), net: -Math.floor(paid * next()), kind: 'refund', of, ...at });
    if (next() < 0.3) told.push({ id: `less-${n}`, on: later(on, next), net: -Math.floor(worth * 0.2), kind: 'credit_note', of, ...at });
  } // prettier-ignore
  return told.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}

function later(on: string, next: () => number): string {
  const month = Math.min(2, Number(on.slice(6, 7)) + Math.floor(next() * 2));
  return `${on.slice(0, 6)}${month}-28`;
}

async function movesOf({ db }: OpenedContext): Promise<unknown[]> {
  return [
    ...(await db.sql`
      select rule_id, owner_id, currency, starts_on, ordinal, event_id, leg, base_minor, full_minor, base_after_minor, full_after_minor
      from window_moves order by rule_id, owner_id, currency, starts_on, ordinal`),
  ];
}

type Deciding = (ctx: OpenedContext) => Promise<void>;
const inChunksOf =
  (size: number): Deciding =>
  async (ctx) =>
    void (await accrue(ctx, LAST, size));

/** Chunks of four, the connection of every third unit lost before it did anything; run until nothing is left. */
const interrupted: Deciding = async (ctx) => {
  for (let run = 0; run < 60; run += 1) {
    let units = 0;
    const failing = {
      ...accrualJob(4),
      run: async (work: { ctx: typeof ctx; unit: Unit; run: Parameters<typeof accrueCommissions>[0]['run'] }) => {
        const unit: Unit = async (act) => {
          units += 1;
          if (units > 6 + (run % 5)) throw new Error('pulled out');
          return await work.unit(act);
        };
        return { summary: { ...(await accrueCommissions({ ...work, unit }, { chunkEvents: 4 })) } };
      },
    };
    try {
      await runJob(ctx, failing as never, LAST);
      return;
    } catch (error) {
      expect((error as Error).message).toBe('pulled out');
    }
  }
  await accrue(ctx, LAST, 4);
};

async function decidedBy(seed: number, decide: Deciding): Promise<Record<string, unknown>> {
  const database = await testDatabase();
  try {
    const ctx = await database.context();
    const books = await openBooks(ctx.db);
    await countingRules(ctx, books);
    await ctx.db.transaction(async (tx) => await tell(tx, books, events(books, choices(seed))));
    await decide(ctx);
    await runJob(ctx, closeWindowsJob, LAST);
    expect(await offences(ctx.db)).toEqual([]);
    const { checks } = await runDoctor(ctx);
    expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
    const clocks = [
      ...(await ctx.db.sql`select account_id, event_id, first_sale_on, earning_months from account_terms order by 1`),
    ];
    return { ...(await booksOf(ctx.db)), moves: await movesOf(ctx), clocks };
  } finally {
    await database.drop();
  }
}

it('come to the same books wherever chunks end, and wherever a run was stopped', async () => {
  const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000);
  process.stdout.write(`random tests: FC_SEED=${seed}\n`);
  const whole = await decidedBy(seed, inChunksOf(20_000));
  expect((whole['moves'] as unknown[]).length).toBeGreaterThan(100);
  expect(whole['clocks']).toHaveLength(2);
  for (const decide of [inChunksOf(1), inChunksOf(3), interrupted]) {
    expect(await decidedBy(seed, decide), `replay with FC_SEED=${seed}`).toEqual(whole);
  }
}, 180_000);
