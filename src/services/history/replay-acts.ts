import { givenLegs } from '../../db/queries/act-subjects.ts';
import { commissionsOfEvent, findEvents } from '../../db/queries/commissions.ts';
import { actsById, decidedActs, storedLegs } from '../../db/queries/history.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import { rateAct } from '../../domain/rating/act.ts';
import type { DecidedLeg } from '../../domain/rating/model.ts';
import { isDeferred } from '../../domain/rating/rate.ts';
import { ruleBook } from '../../domain/rating/rule-book.ts';
import { EMPTY_WINDOW } from '../../domain/rating/windows.ts';
import { rateAgain } from '../commission/rate-again.ts';
import type { Context } from '../context.ts';
import type { Stretch } from './history-start.ts';
import { differencesOf, type LegDifference } from './leg-differences.ts';

const BATCH = 5_000;

/**
 * Decides what operators did and the system computed again, and compares it with the book: acts that bring their legs
 * along against those, all others one by one, as `commission explain` does. Reads only.
 */
export async function replayActs(
  ctx: Context,
  { from, to }: Stretch,
): Promise<{ readonly events: number; readonly entries: number; readonly differences: readonly LegDifference[] }> {
  const acts = await decidedActs(ctx.db, from, to);
  const differences: LegDifference[] = [];
  let entries = 0;
  for (let at = 0; at < acts.length; at += BATCH) {
    const some = acts.slice(at, at + BATCH);
    const ids = some.map(({ id }) => id);
    const stored = await storedLegs(ctx.db, ids);
    // What is given outside of any sale is all that such an act says.
    const alone = some.filter(({ opensSale }) => !opensSale).map(({ id }) => id);
    const given = new Set((await givenLegs(ctx.db, alone)).map(({ eventId }) => eventId));
    const giving = await decideGiven(ctx, [...given]);
    for (const act of some) {
      const legs = stored.get(act.id) ?? [];
      entries += legs.length;
      differences.push(...differencesOf(act, legs, giving.get(act.id) ?? (await decideAgain(ctx, act.id))));
    }
    ctx.progress.step('replaying acts', Math.min(at + BATCH, acts.length), acts.length);
  }
  return { events: acts.length, entries, differences };
}

async function decideAgain(ctx: Context, id: number): Promise<readonly DecidedLeg[]> {
  const event = (await findEvents(ctx.db, String(id))).find((one) => one.id === id)!;
  const outcome = await rateAgain(ctx, event, await commissionsOfEvent(ctx.db, id), () => {});
  return isDeferred(outcome) ? [] : outcome.legs;
}

/** Acts that say themselves what they post: no rule has a part in it. */
async function decideGiven(ctx: Context, ids: readonly number[]): Promise<Map<number, readonly DecidedLeg[]>> {
  if (ids.length === 0) return new Map();
  const legs = await givenLegs(ctx.db, ids);
  const acts = await actsById(ctx.db, ids);
  const book = ruleBook(await loadRuleBook(ctx.db, 0));
  return new Map(
    acts.map((act) => {
      const given = legs.filter(({ eventId }) => eventId === act.id);
      const outcome = rateAct({ act, regards: null, given, book, windows: () => EMPTY_WINDOW, clock: null });
      return [act.id, isDeferred(outcome) ? [] : outcome.legs];
    }),
  );
}
