import { countriesOfSales, givenLegs, subjectsOf } from '../../db/queries/act-subjects.ts';
import { clockBefore } from '../../db/queries/account-terms.ts';
import type { CommissionRow, EventDetail } from '../../db/queries/commissions.ts';
import { decidedOfEvents, decidedOfSales, salesById } from '../../db/queries/decisions.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { findCosts } from '../../db/queries/subscription-costs.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import { positionsOf, windowsMovedBy } from '../../db/queries/windows.ts';
import { foldSale } from '../../domain/rating/fold.ts';
import type {
  Decision,
  Kind,
  RatedEvent,
  Sale,
  SaleState,
  Trace,
  WindowKey,
  Deferral,
  GivenLeg,
} from '../../domain/rating/model.ts';
import { rateEvent, windowsOf } from '../../domain/rating/rate.ts';
import {
  actEvent,
  isAct,
  ownSale,
  rateAct,
  regardedEvent,
  windowsOfAct,
  type Regarded,
} from '../../domain/rating/act.ts';
import { ruleBook, type RuleBook } from '../../domain/rating/rule-book.ts';
import { UNTOUCHED } from '../../domain/rating/sale.ts';
import { EMPTY_WINDOW, sameWindow, type WindowReader } from '../../domain/rating/windows.ts';
import { askingEvents } from '../accrual/subscription-costs.ts';
import type { Context } from '../context.ts';

/**
 * The same function over the same knowledge, so that a difference can only mean that the books are wrong: the rules as
 * the decision knew them, the sale and the clock as what was decided before left them, windows where the entries say
 * they stood. An undecided event is rated by how things stand now, and may have to wait. Reads only.
 * @param rows the event's entries; none while it is undecided
 */
export async function rateAgain(
  ctx: Context,
  event: EventDetail,
  rows: readonly CommissionRow[],
  trace: Trace,
): Promise<Decision | Deferral> {
  const knownSeq = rows[0]?.knownSeq ?? (await latestKnownSeq(ctx.db));
  const book = ruleBook(await loadRuleBook(ctx.db, knownSeq));
  const { sale, state } = await saleBefore(ctx, event, rows);
  const given = await givenLegs(ctx.db, [event.id]);
  if (isAct(event.kind) || given.length > 0) {
    return await actAgain(ctx, event, rows, { book, sale, state, given }, trace);
  }
  const accountId = sale === null ? event.accountId : sale.accountId;
  const clock = book.keepsClocks && accountId !== null ? await clockBefore(ctx.db, accountId, event.id) : null;
  const billed = ratedEvent(event);
  const cost =
    rows.length === 0 && book.readsWholesale ? await costNow(ctx, billed, event.saleId, { sale, state }) : null;
  const input = {
    event: cost === null || sale !== null ? billed : { ...billed, wholesaleNet: cost },
    sale: cost === null || sale === null ? sale : { ...sale, wholesaleNet: cost },
    state,
    book,
    clock,
  };
  const windows = await windowsBefore(ctx, event.id, windowsOf(input), rows);
  return rateEvent({ ...input, windows }, trace);
}

/** What an undecided sale would take from a subscription as things stand. */
async function costNow(
  ctx: Context,
  event: RatedEvent,
  saleId: number | null,
  { sale, state }: { readonly sale: Sale | null; readonly state: SaleState | null },
): Promise<bigint | null> {
  const asking = askingEvents([{ ...event, saleId }], () => ({ sale: sale!, state }));
  const [found] = await findCosts(ctx.db, asking, await latestKnownSeq(ctx.db));
  return found?.wholesaleNet ?? null;
}

/** An act over again: what it is about as the act found it. */
async function actAgain(
  ctx: Context,
  event: EventDetail,
  rows: readonly CommissionRow[],
  found: { book: RuleBook; sale: Sale | null; state: SaleState | null; given: readonly GivenLeg[] },
  trace: Trace,
): Promise<Decision | Deferral> {
  const { book, given } = found;
  const rated = ratedEvent(event);
  const [subject] = given.length > 0 ? [] : await subjectsOf(ctx.db, [event.id]);
  let regards: Regarded | null = null;
  if (found.sale !== null) {
    const country = (await countriesOfSales(ctx.db, [found.sale.id])).get(found.sale.id) ?? null;
    // Of a sale only its opening brings its legs along, and says itself what had been collected.
    const told = given.length > 0 ? rated : (subject?.event ?? null);
    regards = { event: told, sale: found.sale, state: found.state ?? UNTOUCHED, country };
  } else if (subject !== undefined) {
    const all = await decidedOfEvents(ctx.db, [subject.event.id]);
    const at = all.findIndex((leg) => leg.eventId === event.id);
    regards = regardedEvent(subject, foldSale(ownSale(subject.event), at === -1 ? all : all.slice(0, at)));
  }
  const sale = regards?.sale ?? null;
  const keys = sale === null ? [] : windowsOfAct(rated, sale, regards!.state, book);
  const clock =
    book.keepsClocks && sale?.accountId != null ? await clockBefore(ctx.db, sale.accountId, event.id) : null;
  const windows = await windowsBefore(ctx, event.id, keys, rows);
  return rateAct({ act: actEvent(rated), regards, given, book, windows, clock }, trace);
}

function ratedEvent(event: EventDetail): RatedEvent {
  const { id, instanceId, accountId, productId, currency, country, occurredOn } = event;
  return {
    id,
    kind: event.kind as Kind,
    instanceId,
    accountId,
    productId,
    currency,
    net: BigInt(event.net),
    gross: BigInt(event.gross),
    wholesaleNet: event.wholesaleNet === null ? null : BigInt(event.wholesaleNet),
    country,
    occurredOn,
  };
}

/** The event's sale, and what its earlier events made of it. */
async function saleBefore(
  ctx: Context,
  event: EventDetail,
  rows: readonly CommissionRow[],
): Promise<{ sale: Sale | null; state: SaleState | null }> {
  if (event.saleId === null) return { sale: null, state: null };
  const [sale] = await salesById(ctx.db, [event.saleId]);
  if (sale === undefined) return { sale: null, state: null };
  const decided = await decidedOfSales(ctx.db, [sale.id]);
  const at = decided.findIndex((leg) => leg.eventId === event.id);
  const before = at === -1 ? decided : decided.slice(0, at);
  const unknownThen = rows.some((row) => row.reason === 'sale_unknown');
  return {
    sale: unknownThen ? { ...sale, saleDate: null } : sale,
    state: before.length === 0 ? null : foldSale(sale, before),
  };
}

/** What windows held when the event was decided, from its entries; what they hold now while it is undecided. */
async function windowsBefore(
  ctx: Context,
  eventId: number,
  keys: readonly WindowKey[],
  rows: readonly CommissionRow[],
): Promise<WindowReader> {
  if (rows.length === 0) {
    const positions = await positionsOf(ctx.db, keys);
    return (key) => positions[keys.findIndex((one) => sameWindow(one, key))] ?? EMPTY_WINDOW;
  }
  const moved = await windowsMovedBy(ctx.db, eventId);
  return (key: WindowKey) => {
    // The first leg found the window as the sale did; those after it found what that leg had put in, too.
    const leg = moved.find((move) => sameWindow(move.key, key))?.leg;
    const row = rows.find((one) => one.leg === leg);
    return row?.windowBase == null
      ? EMPTY_WINDOW
      : { base: BigInt(row.windowBase), full: BigInt(row.windowFull ?? '0') };
  };
}
