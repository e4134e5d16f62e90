import { decidedSalesBelow } from '../../db/queries/decided-sales.ts';
import {
  insertPartnerParent,
  levelsAbove,
  parentVersions,
  retirePartnerParents,
  type PartnerRow,
} from '../../db/queries/partners.ts';
import type { Connection } from '../../db/connection.ts';
import { rangeText } from '../../domain/date-ranges.ts';
import { RefusedError } from '../../domain/errors.ts';
import { assertNoneDecided } from '../rule/replace-versions.ts';
import { drawOnce, sayOver, type VersionStore } from '../versions/say-over.ts';
import { findPartner } from './find-partner.ts';

/** Whom a partner is to stand under from a day on; null: nobody. */
export interface NewParent {
  readonly parent: string | null;
  readonly from: string;
}

/**
 * Puts a partner under another one from a day on, or under none; what was so before that day stays. Returns false where
 * it is so already. Writes.
 * Throws NotFoundError, RefusedError `parent_refused`, `decided_sales` where a sale was decided by who stood above then,
 * `accrual_running`, and from the database `hierarchy`: a circle, or more levels than the programme has. Source:
 * SEMANTICS §1, §3.
 */
export async function changeParent(
  tx: Connection,
  partner: PartnerRow,
  { parent, from }: NewParent,
  day: string,
): Promise<boolean> {
  const above = parent === null ? null : await findParent(tx, parent, partner, day);
  const days = { from, to: null };
  const store: VersionStore<number> = {
    read: async () =>
      (await parentVersions(tx, { partnerId: partner.id })).map((row) => ({ ...row, says: row.parentId })),
    retire: async (ids, knownSeq) => await retirePartnerParents(tx, ids, knownSeq),
    insert: async ({ valid, says, knownSeq }) =>
      await insertPartnerParent(tx, { partnerId: partner.id, parentId: says, valid, knownSeq }),
    text: String,
  };
  const called = parent === null ? 'stands under nobody' : `stands under ${parent}`;
  const draw = drawOnce(tx, `partner ${partner.code} ${called} ${rangeText(days)}`);
  const changed = await sayOver(store, days, () => above?.id ?? null, draw);
  if (changed) {
    await assertNoneDecided(tx, {
      days: [days],
      flag: '--from',
      where: `with ${partner.code} or below it, where rules pay those above,`,
      orElse: '',
      count: async () => await decidedSalesBelow(tx, partner.id, [days]),
    });
  }
  return changed;
}

/**
 * The partner that one may stand under: resellers only, and in no more levels than the programme has. Reads only.
 * Throws NotFoundError `partner_not_found`, RefusedError `parent_refused`.
 */
export async function findParent(
  tx: Connection,
  code: string,
  partner: Pick<PartnerRow, 'type' | 'code'>,
  day: string,
): Promise<PartnerRow> {
  const parent = await findPartner(tx, code, day);
  if (partner.type !== 'reseller') {
    throw new RefusedError(
      'parent_refused',
      `only a reseller stands under a partner, not a partner of type ${partner.type}`,
    );
  }
  if (parent.code === partner.code) throw new RefusedError('parent_refused', 'a partner never stands under itself');
  const { above, most } = await levelsAbove(tx, parent.id);
  if (above >= most) {
    const levels = most === 1 ? 'one level only' : `no more than ${most} levels`;
    throw new RefusedError(
      'parent_refused',
      `${parent.code} itself stands under a partner, and the programme has ${levels}`,
      { hint: '`revshare settings set partner_levels N` allows more' },
    );
  }
  return parent;
}
