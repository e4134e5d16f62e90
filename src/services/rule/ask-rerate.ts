import type { Connection } from '../../db/connection.ts';
import { RefusedError } from '../../domain/errors.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { actsOfRerate, writeRerate } from './rerate.ts';
import type { RuleChange } from './rule-change.ts';

/** Changes of rules that touch decided sales, in words, and why they are wanted. */
export interface WantedRerate {
  readonly about: string;
  readonly changes: readonly RuleChange[];
  readonly reason: string;
}

/**
 * Asks to let rules say something over days with decided sales: approved by a second person, the versions are live and
 * those sales hold them, each difference an entry of its own in the open period. Writes, in the caller's transaction.
 * Throws RefusedError `nothing_decided`, and what doing it would throw: `rerate_currency`, `accrual_running`.
 * Source: SEMANTICS §3.
 */
export async function askForRerate(ctx: Context, tx: Connection, wanted: WantedRerate): Promise<Request> {
  const { about, changes, reason } = wanted;
  const acts = await actsOfRerate(tx, writeRerate(about, changes));
  if (acts.length === 0) {
    throw new RefusedError('nothing_decided', `${about}: no decided sale would be decided otherwise`, {
      hint: 'leave --retroactive out: it needs no second person',
    });
  }
  const count = acts.length === 1 ? 'one decided sale' : `${acts.length} decided sales`;
  const terms = writeRerate(`${about}; rates ${count} again`, changes);
  return requestView(await askFor(ctx, tx, { kind: 'rerate', reason, terms, acts }));
}
