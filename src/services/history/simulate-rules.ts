import { namePartners } from '../../db/queries/commissions.ts';
import type { UndecidedEvent } from '../../db/queries/decisions.ts';
import { decidedStretch, nameEvents, storedLegs, voidedAmong } from '../../db/queries/history.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import { addDays } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Deferral } from '../../domain/rating/model.ts';
import { isDeferred } from '../../domain/rating/rate.ts';
import type { RuleFile } from '../../formats/rule-files.ts';
import { EventStream } from '../accrual/event-stream.ts';
import type { Context } from '../context.ts';
import { candidateBook } from './candidate-book.ts';
import { Comparison, type ComparedLeg } from './comparison.ts';
import { HistoryStart, type Stretch } from './history-start.ts';
import { HistoryWalk } from './history-walk.ts';
import { PastCosts } from './past-costs.ts';

/** Money as decimal strings of the currency. */
export interface PartnerDelta {
  readonly partner: string;
  readonly currency: string;
  readonly entries: number;
  readonly changed: number;
  readonly before: string;
  readonly after: string;
  readonly delta: string;
}

export interface ChangedEntry {
  readonly event: string;
  readonly leg: number;
  readonly partner: string;
  readonly currency: string;
  readonly before: string;
  readonly after: string;
  readonly delta: string;
}

export interface Simulation extends Stretch {
  readonly events: number;
  /** By partner and currency, greatest change first. */
  readonly partners: readonly PartnerDelta[];
  readonly totals: readonly Omit<PartnerDelta, 'partner'>[];
  readonly winners: number;
  readonly losers: number;
  readonly changed: number;
  /** The entries whose change weighs most. */
  readonly changes: readonly ChangedEntry[];
  /** Events that could not be rated, for want of an exchange rate. */
  readonly waiting: readonly (Deferral['waitsFor'] & { readonly events: number })[];
}

export interface SimulationOptions {
  /** How many changed entries to list; default 20. */
  readonly changes?: number | undefined;
}

const CHUNK_EVENTS = 8_000;

/**
 * What rules in files would have decided over past business dates, beside what the live rules decide over the very same
 * events: both sides are rated anew in one pass, so that with the live rules the difference is nothing to the cent. Sales
 * decided before the stretch keep their terms on both sides; what was voided since, and what operators did, is left out;
 * windows under whole brackets are trued up where they lie in the stretch as a whole.
 *
 * Writes nothing. Throws UsageError `rules_invalid`.
 */
export async function simulateRules(
  ctx: Context,
  files: readonly RuleFile[],
  stretch: Stretch,
  options: SimulationOptions = {},
): Promise<Simulation> {
  const live = await loadRuleBook(ctx.db, await latestKnownSeq(ctx.db));
  const { content, frozenClocks } = await candidateBook(ctx, files, live);
  const start = new HistoryStart(ctx.db, stretch);
  const before = new HistoryWalk(live, start);
  const after = new HistoryWalk(content, start, frozenClocks);
  return await compare(ctx, start, { before, after }, options);
}

/**
 * What today's rules decide over past business dates, beside what the book says. A report: rules, tiers and agreements
 * that became known later make differences that are none of the book's faults. Writes nothing.
 */
export async function replayCurrent(
  ctx: Context,
  stretch: Stretch,
  options: SimulationOptions = {},
): Promise<Simulation> {
  const start = new HistoryStart(ctx.db, stretch);
  const after = new HistoryWalk(await loadRuleBook(ctx.db, await latestKnownSeq(ctx.db)), start);
  return await compare(ctx, start, { before: 'the book', after }, options);
}

async function compare(
  ctx: Context,
  start: HistoryStart,
  { before, after }: { readonly before: HistoryWalk | 'the book'; readonly after: HistoryWalk },
  { changes = 20 }: SimulationOptions,
): Promise<Simulation> {
  const { from, to } = start.stretch;
  const walks = before === 'the book' ? [after] : [before, after];
  const reads = {
    readsWholesale: walks.some(({ book }) => book.readsWholesale),
    readsCountry: walks.some(({ book }) => book.readsCountry),
  };
  const batches = await decidedStretch(ctx.db, from, to);
  const total = batches.reduce((sum, batch) => sum + batch.lastId - batch.decidedTo, 0);
  const stream = new EventStream(ctx.db, batches, addDays(to, -1), reads, CHUNK_EVENTS);
  const costs = await PastCosts.open(ctx, reads.readsWholesale);
  const comparison = new Comparison(changes);
  const waiting = new Map<string, Deferral['waitsFor'] & { events: number }>();
  let events = 0;
  for (;;) {
    const chunk = await stream.take(CHUNK_EVENTS);
    if (chunk.length === 0) break;
    const counted = await standingEvents(ctx, chunk);
    const ids = counted.map(({ id }) => id);
    const named = await start.sales([...new Set(counted.flatMap(({ saleId }) => saleId ?? []))]);
    const { priced, sales } = await costs.price(counted, named);
    const stored = before === 'the book' ? await storedLegs(ctx.db, ids) : null;
    for (const walk of walks) await walk.load(priced, sales);
    for (const event of priced) {
      const now = after.decide(event, sales);
      const then = before === 'the book' ? null : before.decide(event, sales);
      const deferred = isDeferred(now) ? now : then !== null && isDeferred(then) ? then : null;
      if (deferred !== null) note(waiting, deferred);
      else comparison.add(event.id, legsOf(then, stored?.get(event.id), event), legsOf(now, undefined, event));
    }
    events += counted.length;
    ctx.progress.step('simulating', events, total);
  }
  ctx.progress.done();
  if (before !== 'the book') {
    for (const { partnerId, currency, amount } of before.trueUps())
      comparison.addSum(partnerId, currency, 'before', amount);
    for (const { partnerId, currency, amount } of after.trueUps())
      comparison.addSum(partnerId, currency, 'after', amount);
  }
  return { from, to, events, waiting: [...waiting.values()], ...(await told(ctx, comparison)) };
}

/** The events that still count: what was voided since is left out on both sides. */
async function standingEvents(ctx: Context, chunk: readonly UndecidedEvent[]): Promise<readonly UndecidedEvent[]> {
  const voided = await voidedAmong(
    ctx.db,
    chunk.map(({ id }) => id),
  );
  return voided.size === 0 ? chunk : chunk.filter(({ id }) => !voided.has(id));
}

function legsOf(
  decision: ReturnType<HistoryWalk['decide']> | null,
  stored: readonly (Omit<ComparedLeg, 'currency'> & { readonly currency: string | null })[] | undefined,
  event: UndecidedEvent,
): readonly ComparedLeg[] {
  if (decision !== null) return isDeferred(decision) ? [] : decision.legs;
  return (stored ?? []).map((leg) => ({ ...leg, currency: leg.currency ?? event.currency }));
}

function note(waiting: Map<string, Deferral['waitsFor'] & { events: number }>, { waitsFor }: Deferral): void {
  const key = `${waitsFor.from} ${waitsFor.to} ${waitsFor.on}`;
  waiting.set(key, { ...waitsFor, events: (waiting.get(key)?.events ?? 0) + 1 });
}

/** In the codes and decimals that people read. */
async function told(
  ctx: Context,
  comparison: Comparison,
): Promise<Pick<Simulation, 'partners' | 'totals' | 'winners' | 'losers' | 'changed' | 'changes'>> {
  const partners = await namePartners(ctx.db);
  const sums = comparison.sums();
  const changes = comparison.changes();
  const events = await nameEvents(ctx.db, [...new Set(changes.map(({ eventId }) => eventId))]);
  const money = ({ before, after, currency }: { before: bigint; after: bigint; currency: string }) => ({
    before: formatMinor(before, currency),
    after: formatMinor(after, currency),
    delta: formatMinor(after - before, currency),
  });
  const byCurrency = new Map<
    string,
    { currency: string; entries: number; changed: number; before: bigint; after: bigint }
  >();
  for (const { currency, entries, changed, before, after } of sums) {
    const sum = byCurrency.get(currency) ?? { currency, entries: 0, changed: 0, before: 0n, after: 0n };
    byCurrency.set(currency, {
      currency,
      entries: sum.entries + entries,
      changed: sum.changed + changed,
      before: sum.before + before,
      after: sum.after + after,
    });
  }
  return {
    partners: sums.map((sum) => ({
      partner: partners.get(sum.partnerId)!,
      currency: sum.currency,
      entries: sum.entries,
      changed: sum.changed,
      ...money(sum),
    })),
    totals: [...byCurrency.values()]
      .sort((a, b) => (a.currency < b.currency ? -1 : 1))
      .map((sum) => ({ currency: sum.currency, entries: sum.entries, changed: sum.changed, ...money(sum) })),
    winners: sums.filter(({ before, after }) => after > before).length,
    losers: sums.filter(({ before, after }) => after < before).length,
    changed: comparison.changed,
    changes: changes.map((one) => ({
      event: events.get(one.eventId)!,
      leg: one.leg,
      partner: partners.get(one.partnerId)!,
      currency: one.currency,
      ...money(one),
    })),
  };
}
