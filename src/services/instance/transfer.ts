import { decidedSalesOfAgreement } from '../../db/queries/decided-sales.ts';
import { liveAgreements, replaceAgreement, type AgreementInForce } from '../../db/queries/instances.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import type { Connection } from '../../db/connection.ts';
import type { Terms } from '../../domain/acts.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { holdAccrual } from '../rule/replace-versions.ts';
import { today } from '../today.ts';

/** What a request of kind transfer says. */
export interface Transfer {
  readonly about: string;
  readonly instance_id: number;
  readonly instance: string;
  readonly partner_id: number;
  readonly partner: string;
  /** The first sale date that is the new partner's. */
  readonly from: string;
}

/**
 * Lets another partner earn at an instance from a date on, as it was asked for; days before stay with whoever had them.
 * Looked at again when it is approved: no sale of these days may have been decided meanwhile. Writes.
 * @throws RefusedError what `assertTransferable` throws
 */
export async function applyTransfer(ctx: Context, tx: Connection, terms: Terms): Promise<void> {
  const transfer = terms as unknown as Transfer;
  const { about, partner_id: partnerId, from } = transfer;
  const knownSeq = await drawKnownSeq(tx, about);
  const { id: agreementId } = await assertTransferable(ctx, tx, transfer);
  await replaceAgreement(tx, { agreementId, partnerId, from, knownSeq });
}

/**
 * The agreement that a transfer ends. No accrual may decide by it meanwhile: the claim is held to the end of the
 * transaction. Writes nothing else.
 * @throws RefusedError `partner_not_active`, `transfer_overlaps`, `transfer_before_founding`, `partner_unchanged`,
 *   `decided_sales`, `accrual_running`
 */
export async function assertTransferable(
  ctx: Context,
  tx: Connection,
  { instance_id: instanceId, instance, partner, from }: Omit<Transfer, 'about' | 'partner_id'>,
): Promise<AgreementInForce> {
  const { status } = await findPartner(tx, partner, today(ctx));
  if (status !== 'active') {
    throw new RefusedError('partner_not_active', `partner ${partner} is ${status} and takes nothing over`, {
      hint: `revshare partner activate ${partner}`,
    });
  }
  const agreements = await liveAgreements(tx, instanceId);
  const later = agreements.find(({ valid }) => valid.from !== null && valid.from >= from);
  if (later !== undefined && later !== agreements[0]) {
    throw new RefusedError(
      'transfer_overlaps',
      `${instance} goes to ${later.partner} on ${later.valid.from}: a transfer from ${from} on would undo that`,
      { hint: `choose --from after ${later.valid.from}` },
    );
  }
  const inForce = agreements.at(-1);
  if (inForce === undefined || later !== undefined) {
    throw new RefusedError(
      'transfer_before_founding',
      `${instance} was founded on ${later?.valid.from ?? 'a later day'}: before that there is nothing to transfer`,
      { hint: `choose --from after ${later?.valid.from ?? 'that'}` },
    );
  }
  if (inForce.partner === partner) {
    throw new RefusedError('partner_unchanged', `${partner} earns at ${instance} on ${from} already`);
  }
  await assertUndecided(tx, instanceId, from);
  return inForce;
}

async function assertUndecided(tx: Connection, instanceId: number, from: string): Promise<void> {
  const days = [{ from, to: null }];
  await holdAccrual(tx, days, (until) => `, or choose --from after ${until}`);
  const { sales, lastDate } = await decidedSalesOfAgreement(tx, instanceId, days);
  if (lastDate === null) return;
  const free = addDays(lastDate, 1);
  throw new RefusedError(
    'decided_sales',
    `${sales === 1 ? 'one sale' : `${sales} sales`} from ${from} on ${sales === 1 ? 'is' : 'are'} decided for whoever earned then; the first free date is ${free}`,
    {
      hint: `choose --from ${free} or later; what single accounts earned goes over by \`revshare commission reattribute\``,
      details: { sales, first_free_date: free },
    },
  );
}
