import type { Connection } from '../../db/connection.ts';
import type { Act, RequestKind, Terms } from '../../domain/acts.ts';
import type { Context } from '../context.ts';
import { actsOfReattribution, applyReattribution } from '../attribution/reattribution.ts';
import { applyTransfer } from '../instance/transfer.ts';
import { applyOpening } from '../opening/apply-opening.ts';
import { applyReopening } from '../period/apply-reopening.ts';
import { voidsOfBatch } from '../revenue/voids.ts';
import { actsOfRerate, applyRerate } from '../rule/rerate.ts';
import { assertOwed } from '../wallet/recovery.ts';
import { applyLimit } from './limits.ts';

type Changes = (
  ctx: Context,
  tx: Connection,
  terms: Terms,
  acts: readonly Act[],
  request: { readonly id: number; readonly reason: string },
) => Promise<void>;
type ActsAgain = (tx: Connection, terms: Terms) => Promise<readonly Act[]>;

/** What a request of a kind does besides its acts, or looks at before them. */
const CHANGES: Partial<Record<RequestKind, Changes>> = {
  limit: applyLimit,
  opening: applyOpening,
  reattribution: applyReattribution,
  recovery: assertOwed,
  reopening: applyReopening,
  rerate: applyRerate,
  transfer: applyTransfer,
};

/** How the acts of a kind follow from its terms, where there may be more of them than a request lists. */
const ACTS: Partial<Record<RequestKind, ActsAgain>> = {
  void: voidsOfBatch,
  reattribution: actsOfReattribution,
  rerate: actsOfRerate,
};

export function changesOf(kind: RequestKind): Changes | undefined {
  return CHANGES[kind];
}

export async function actsAgain(tx: Connection, kind: RequestKind, terms: Terms): Promise<readonly Act[]> {
  const again = ACTS[kind];
  if (again === undefined) throw new Error(`a request of kind ${kind} lists its acts`);
  return await again(tx, terms);
}
