import { clockBefore } from '../../db/queries/account-terms.ts';
import type { CommissionRow, EventDetail } from '../../db/queries/commissions.ts';
import { decidedOfSales, salesById } from '../../db/queries/decisions.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import { positionsOf, windowsMovedBy } from '../../db/queries/windows.ts';
import type { Decision, Kind, RatedEvent, Sale, SaleState, Trace, WindowKey } from '../../domain/rating/model.ts';
import { isDeferred, rateEvent, windowsOf, type RatingInput } from '../../domain/rating/rate.ts';
import { ruleBook } from '../../domain/rating/rule-book.ts';
import { EMPTY_WINDOW, sameWindow, type WindowReader } from '../../domain/rating/windows.ts';
import { foldSale } from '../accrual/sale-states.ts';
import type { Context } from '../context.ts';

/**
 * The same function over the same knowledge, so that a difference can only mean that the books are wrong: the rules as
 * the decision knew them, the sale and the clock as what was decided before left them, windows where the entries say
 * they stood. An undecided event is rated by how things stand now. Reads only.
 * @param rows the event's entries; none while it is undecided
 */
export async function rateAgain(
  ctx: Context,
  event: EventDetail,
  rows: readonly CommissionRow[],
  trace: Trace,
): Promise<Decision> {
  const knownSeq = rows[0]?.knownSeq ?? (await latestKnownSeq(ctx));
  const book = ruleBook(await loadRuleBook(ctx.db, knownSeq));
  const { sale, state } = await saleBefore(ctx, event, rows);
  const accountId = sale === null ? event.accountId : sale.accountId;
  const clock = book.keepsClocks && accountId !== null ? await clockBefore(ctx.db, accountId, event.id) : null;
  const input = { event: ratedEvent(event), sale, state, book, clock };
  const outcome = rateEvent({ ...input, windows: await windowsBefore(ctx, input, rows) }, trace);
  if (isDeferred(outcome)) throw new Error(`event ${event.id} waits for a rate, and no rule converts yet`);
  return outcome;
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
  input: Omit<RatingInput, 'windows'>,
  rows: readonly CommissionRow[],
): Promise<WindowReader> {
  if (rows.length === 0) {
    const keys = windowsOf(input);
    const positions = await positionsOf(ctx.db, keys);
    return (key) => positions[keys.findIndex((one) => sameWindow(one, key))] ?? EMPTY_WINDOW;
  }
  const moved = await windowsMovedBy(ctx.db, input.event.id);
  return (key: WindowKey) => {
    // The first leg found the window as the sale did; those after it found what that leg had put in, too.
    const leg = moved.find((move) => sameWindow(move.key, key))?.leg;
    const row = rows.find((one) => one.leg === leg);
    return row?.windowBase == null
      ? EMPTY_WINDOW
      : { base: BigInt(row.windowBase), full: BigInt(row.windowFull ?? '0') };
  };
}

async function latestKnownSeq(ctx: Context): Promise<number> {
  const [row] = await ctx.db.sql<{ seq: number }[]>`select max(known_seq)::int as seq from known_changes`;
  return row?.seq ?? 0;
}
