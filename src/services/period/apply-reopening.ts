import { changePeriod } from '../../db/queries/periods.ts';
import type { Connection } from '../../db/connection.ts';
import type { Act, Terms } from '../../domain/acts.ts';
import type { Context } from '../context.ts';

/** Opens the closed period that a request asks for. Writes. @throws RefusedError `status_transition`, `period_busy` */
export async function applyReopening(
  _ctx: Context,
  tx: Connection,
  terms: Terms,
  _acts: readonly Act[],
  request: { readonly id: number; readonly reason: string },
): Promise<void> {
  const startsOn = `${terms['period'] as string}-01`;
  await changePeriod(tx, { startsOn, status: 'open', reason: request.reason, request: request.id });
}
