import { setImmediate } from 'node:timers/promises';
import { decidedOfSales, salesById, type UndecidedEvent } from '../../db/queries/decisions.ts';
import {
  datedClocks,
  decidedStretch,
  nameEvents,
  storedLegs,
  windowsMoved,
  type DatedClock,
  type StoredLeg,
} from '../../db/queries/history.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import { waitingAmong } from '../../db/queries/waiting-events.ts';
import { addDays } from '../../domain/dates.ts';
import { foldSale, type DecidedOfSale } from '../../domain/rating/fold.ts';
import type { AccountClock, DecidedLeg, Sale, WindowKey } from '../../domain/rating/model.ts';
import { isDeferred, rateEvent } from '../../domain/rating/rate.ts';
import { ruleBook, type RuleBook } from '../../domain/rating/rule-book.ts';
import { EMPTY_WINDOW, sameWindow, type WindowReader } from '../../domain/rating/windows.ts';
import { EventStream } from '../accrual/event-stream.ts';
import type { Context } from '../context.ts';
import type { Stretch } from './history-start.ts';
import { differencesOf, type LegDifference } from './leg-differences.ts';
import { replayActs } from './replay-acts.ts';

/** A field of an entry that the rating function, asked again, decides otherwise. */
export type ReplayDifference = Omit<LegDifference, 'eventId'> & { readonly event: string };

export interface Replay extends Stretch {
  readonly events: number;
  readonly entries: number;
  /** How many entries differ; the first of them are listed. */
  readonly differing: number;
  readonly differences: readonly ReplayDifference[];
}

const CHUNK_EVENTS = 10_000;

/** Events that are compared at a stretch: in between, what is read meanwhile is taken in. */
const STRETCH_EVENTS = 1_000;
const LISTED = 100;

/**
 * Decides every event of past business dates again, acts included, by the rating function of the accrual, from what each
 * decision stored: the rules as it knew them, the sale as the decisions before left it, its place in its window, its
 * account's clock; and compares what comes out with the book, entry by entry. Nothing is carried over but what is
 * stored: a wrong entry shows, and so does what later events of its sale posted on top of it. Reads only.
 */
export async function replayPeriod(ctx: Context, stretch: Stretch): Promise<Replay> {
  const { from, to } = stretch;
  const batches = await decidedStretch(ctx.db, from, to);
  const total = batches.reduce((sum, batch) => sum + batch.lastId - batch.decidedTo, 0);
  const stream = new EventStream(
    ctx.db,
    batches,
    addDays(to, -1),
    { readsWholesale: true, readsCountry: true },
    CHUNK_EVENTS,
  );
  const books = new Map<number, RuleBook>();
  const found: LegDifference[] = [];
  let [events, entries, differing] = [0, 0, 0];
  const readNext = async (): Promise<PastChunk | null> => {
    const taken = await stream.take(CHUNK_EVENTS);
    return taken.length === 0 ? null : await pastOf(ctx, taken);
  };
  let next = readNext();
  for (let past = await next; past !== null; past = await next) {
    const { chunk } = past;
    next = readNext();
    next.catch(() => {}); // awaited in its turn; until then it must not count as unhandled
    for (const [place, event] of chunk.entries()) {
      if (place % STRETCH_EVENTS === 0) await setImmediate();
      const stored = past.stored.get(event.id) ?? [];
      const known = knownBy(event, stored, past);
      let book = books.get(known);
      if (book === undefined) {
        book = ruleBook(await loadRuleBook(ctx.db, known));
        books.set(known, book);
      }
      const differences = differencesOf(event, stored, replay(event, stored, book, past));
      entries += stored.length;
      differing += new Set(differences.map(({ leg }) => leg)).size;
      if (found.length < LISTED) found.push(...differences);
    }
    events += chunk.length;
    ctx.progress.step('replaying', events, total);
  }
  const acts = await replayActs(ctx, stretch);
  ctx.progress.done();
  events += acts.events;
  entries += acts.entries;
  differing += new Set(acts.differences.map(({ eventId, leg }) => `${eventId}.${leg}`)).size;
  const listed = [...found, ...acts.differences].slice(0, LISTED);
  const names = await nameEvents(ctx.db, [...new Set(listed.map(({ eventId }) => eventId))]);
  return {
    from,
    to,
    events,
    entries,
    differing,
    differences: listed.map(({ eventId, ...difference }) => ({ event: names.get(eventId)!, ...difference })),
  };
}

/** Events that have been decided, and what their decisions found: read in a few statements for all of them. */
interface PastChunk {
  readonly chunk: readonly UndecidedEvent[];
  readonly stored: ReadonlyMap<number, readonly StoredLeg[]>;
  readonly sales: ReadonlyMap<number, Sale>;
  readonly decided: ReadonlyMap<number, readonly DecidedOfSale[]>;
  readonly moved: ReadonlyMap<number, readonly { readonly leg: number; readonly key: WindowKey }[]>;
  readonly clocks: ReadonlyMap<number, DatedClock>;
}

/** Of what was taken all that does not wait. */
async function pastOf(ctx: Context, taken: readonly UndecidedEvent[]): Promise<PastChunk> {
  const ids = taken.map(({ id }) => id);
  const saleIds = [...new Set(taken.flatMap(({ saleId }) => saleId ?? []))];
  // Asked for together: the server looks for the next while an answer is taken apart.
  const [waiting, saleRows, legs, stored, moved] = await Promise.all([
    waitingAmong(ctx.db, ids),
    saleIds.length === 0 ? [] : salesById(ctx.db, saleIds),
    saleIds.length === 0 ? [] : decidedOfSales(ctx.db, saleIds),
    storedLegs(ctx.db, ids),
    windowsMoved(ctx.db, ids),
  ]);
  const sales = new Map(saleRows.map((sale) => [sale.id, sale]));
  const decided = new Map<number, DecidedOfSale[]>();
  for (const leg of legs) {
    const before = decided.get(leg.saleId);
    if (before === undefined) decided.set(leg.saleId, [leg]);
    else before.push(leg);
  }
  const chunk = waiting.size === 0 ? taken : taken.filter(({ id }) => !waiting.has(id));
  const accounts = chunk.map((event) => (event.saleId === null ? event.accountId : sales.get(event.saleId)!.accountId));
  const clocks = await datedClocks(ctx.db, [...new Set(accounts.filter((id) => id !== null))]);
  return { chunk, stored, sales, decided, moved, clocks: new Map(clocks.map((clock) => [clock.accountId, clock])) };
}

/** The number at which an event's rules were known: its own entries' or, for a later event of a sale, any: it asks none. */
function knownBy(event: UndecidedEvent, stored: readonly StoredLeg[], { decided }: PastChunk): number {
  const [first] = stored;
  if (first !== undefined) return first.knownSeq;
  return (event.saleId === null ? undefined : decided.get(event.saleId)?.[0]?.knownSeq) ?? 0;
}

function replay(
  event: UndecidedEvent,
  stored: readonly StoredLeg[],
  book: RuleBook,
  past: PastChunk,
): readonly DecidedLeg[] {
  const known = event.saleId === null ? null : past.sales.get(event.saleId)!;
  const decided = event.saleId === null ? [] : (past.decided.get(event.saleId) ?? []);
  const at = decided.findIndex((leg) => leg.eventId === event.id);
  const before = at === -1 ? decided : decided.slice(0, at);
  const unknownThen = stored.some(({ reason }) => reason === 'sale_unknown');
  const outcome = rateEvent({
    event,
    sale: known !== null && unknownThen ? { ...known, saleDate: null } : known,
    state: known === null || before.length === 0 ? null : foldSale(known, before),
    book,
    windows: storedPlaces(stored, past.moved.get(event.id) ?? []),
    clock: book.keepsClocks ? clockThen(event, known, stored, past) : null,
  });
  return isDeferred(outcome) ? [] : outcome.legs;
}

/** Windows as the event's entries say that it found them: the first leg in a window found it as the sale did. */
function storedPlaces(
  stored: readonly StoredLeg[],
  moved: readonly { readonly leg: number; readonly key: WindowKey }[],
): WindowReader {
  return (key) => {
    const first = moved.find((move) => sameWindow(move.key, key));
    return stored.find(({ leg }) => leg === first?.leg)?.position ?? EMPTY_WINDOW;
  };
}

/** The account's clock, if a decision before this one had started it. */
function clockThen(
  event: UndecidedEvent,
  sale: Sale | null,
  stored: readonly StoredLeg[],
  { clocks }: PastChunk,
): AccountClock | null {
  const accountId = sale === null ? event.accountId : sale.accountId;
  const clock = accountId === null ? undefined : clocks.get(accountId);
  if (clock === undefined || clock.eventId === event.id) return null;
  const chunk = stored[0]?.chunkId ?? Number.POSITIVE_INFINITY;
  if (clock.chunkId === null || clock.chunkId < chunk) return clock;
  const earlier =
    clock.startedOn < event.occurredOn || (clock.startedOn === event.occurredOn && clock.eventId < event.id);
  return clock.chunkId === chunk && earlier ? clock : null;
}
