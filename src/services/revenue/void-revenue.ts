import type { Terms } from '../../domain/acts.ts';
import { formatMinor } from '../../domain/money.ts';
import { recordedBatch, voidableEvents, type VoidableEvent } from '../../db/queries/corrections.ts';
import type { Connection } from '../../db/connection.ts';
import { NotFoundError, RefusedError } from '../../domain/errors.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { showRevenue, type RevenueEvent } from './list-revenue.ts';
import { voidOf } from './voids.ts';

/** What is to count as nothing: events, named as `revenue show` takes them, or a whole batch. */
export type Voidable = { readonly events: readonly string[] } | { readonly batch: number };

/**
 * Asks for a void: the event counts as nothing in its sale, what it had earned posts back, and its id may come again as its
 * next version. Of a batch every event that nobody has voided. Writes.
 * Throws NotFoundError, RefusedError `ambiguous_event`, `not_voidable`. Source: SEMANTICS §2.
 */
export async function askForVoid(ctx: Context, what: Voidable, reason: string): Promise<Request> {
  return await ctx.write(async (tx) => {
    const found = 'events' in what ? await namedEvents(ctx, tx, what.events) : await wholeBatch(tx, what.batch);
    const { terms, events } = found;
    return requestView(await askFor(ctx, tx, { kind: 'void', reason, terms, acts: events.map(voidOf) }));
  });
}

interface Found {
  readonly terms: Terms;
  readonly events: readonly VoidableEvent[];
}

async function namedEvents(ctx: Context, tx: Connection, references: readonly string[]): Promise<Found> {
  const named: RevenueEvent[] = [];
  for (const reference of references) named.push(await showRevenue(ctx, reference));
  const events = await voidableEvents(tx, { events: named.map(({ id }) => id) });
  const refused = named.find(({ id }) => !events.some((event) => event.id === id));
  if (refused !== undefined) {
    const name = nameOf(refused);
    throw new RefusedError(
      'not_voidable',
      refused.voided ? `${name} is void already` : `${name} is not voided: it says itself what it puts right`,
      refused.voided ? {} : { hint: 'ask for the opposite, or for an adjustment' },
    );
  }
  const [first, ...others] = named;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const { worth, currency } = events.find(({ id }) => id === first!.id)!;
  const amount = `${formatMinor(BigInt(worth), currency)} ${currency}`;
  const about = `void of ${nameOf(first!)}, ${amount} of ${first!.occurredOn}${more}`;
  return { terms: { about }, events };
}

const nameOf = ({ kind, source, externalId }: RevenueEvent): string => `${kind} ${source}:${externalId}`;

async function wholeBatch(tx: Connection, id: number): Promise<Found> {
  const batch = await recordedBatch(tx, id);
  if (batch === null) throw new NotFoundError('batch', String(id), '`revenue list` shows the batch of each event');
  const events = await voidableEvents(tx, { batch: id });
  if (events.length === 0) throw new RefusedError('not_voidable', `nothing of batch ${id} is left to void`);
  const all = batch.events === 1 ? 'the one event' : `all ${batch.events} events`;
  const these = events.length === batch.events ? all : `${events.length} of ${batch.events} events`;
  return { terms: { about: `void of ${these} of batch ${id} (${batch.file ?? batch.source})`, batch: id }, events };
}
