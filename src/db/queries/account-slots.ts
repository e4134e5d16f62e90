import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import type { DateRange } from '../schema/column-types.ts';
import { parseDateRange } from '../schema/column-types.ts';

/** Attribution slots of an account: who shares its commission, and when. */

export interface SlotVersion {
  readonly id: number;
  readonly slot: number;
  readonly partnerId: number;
  readonly sharePpm: number;
  readonly valid: DateRange;
}

/** The slots as known now, and the number that no slot of the account ever had. */
export async function slotsOfAccount(
  tx: Connection,
  accountId: number,
): Promise<{ readonly live: readonly SlotVersion[]; readonly free: number }> {
  const rows = await tx.sql<(Omit<SlotVersion, 'valid'> & { valid: string; retired: boolean })[]>`
    select id::int, slot, partner_id::int as "partnerId", share_ppm as "sharePpm", valid::text, retired_seq is not null as retired
    from account_slots where account_id = ${accountId} order by slot, id`;
  // Slot 0 is the partner of the agreement, as long as nobody shares.
  const free = rows.reduce((highest, { slot }) => Math.max(highest, slot), 0) + 1;
  const live = rows
    .filter(({ retired }) => !retired)
    .map(({ id, slot, partnerId, sharePpm, valid }) => ({
      id,
      slot,
      partnerId,
      sharePpm,
      valid: parseDateRange(valid),
    }));
  return { live, free };
}

/** Who shares an account, as known now. */
export interface AccountShare {
  readonly partner: string;
  readonly sharePpm: number;
  readonly valid: DateRange;
  readonly knownSeq: number;
}

/** The shares of an account by their days; none while all of it is the agreement's. */
export async function sharesOfAccount(tx: Connection, instance: string, code: string): Promise<AccountShare[]> {
  const rows = await tx.sql<(Omit<AccountShare, 'valid'> & { valid: string })[]>`
    select p.code as partner, s.share_ppm as "sharePpm", s.valid::text, s.known_seq::int as "knownSeq"
    from account_slots s join partners p on p.id = s.partner_id
    join accounts a on a.id = s.account_id join instances i on i.id = a.instance_id
    where i.code = ${instance} and a.code = ${code} and s.retired_seq is null order by lower(s.valid) nulls first, s.slot`;
  return rows.map((row) => ({ ...row, valid: parseDateRange(row.valid) }));
}

export async function retireSlots(tx: Connection, ids: readonly number[], knownSeq: number): Promise<void> {
  await tx.sql`update account_slots set retired_seq = ${knownSeq} where id = any (${list(ids)}::bigint[])`;
}

export async function insertSlot(
  tx: Connection,
  version: Omit<SlotVersion, 'id'> & { accountId: number; knownSeq: number },
): Promise<void> {
  const { accountId, slot, partnerId, sharePpm, valid, knownSeq } = version;
  await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq)
    values (${accountId}, ${slot}, ${partnerId}, ${sharePpm}, daterange(${valid.from}, ${valid.to}), ${knownSeq})`;
}
