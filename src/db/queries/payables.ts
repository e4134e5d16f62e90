import { AGES, type Age, type Place } from '../../domain/aging.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { entryStates } from './entry-status.ts';
import { postedUntil, type PostingDay } from './posted-until.ts';
import { walletsMeant, type WalletFilter } from './wallets.ts';

/** What is owed of a wallet, by when it may be paid; in minor units. */
export type PayableRow = Readonly<Record<Age, string>> & {
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
};

/**
 * Wallets with their entries by age on a day. With `until` only what was posted up to this date, inclusive. An entry is in
 * one place: in a payout that is drafted, else held, else waiting for review, else where the day it may be paid on puts it.
 */
export async function payableRows(
  tx: Connection,
  filter: WalletFilter,
  day: string,
  until: PostingDay | null,
): Promise<PayableRow[]> {
  const known = until === null ? undefined : postedUntil(until);
  const entries = 'n.amount_minor <> 0 and n.wallet_id in (select id from asked)';
  const places = Object.entries<Place>(AGES).map(([name, { from, to, status }]) => {
    const free = `s.payout_status is null and s.status = ${quoteLiteral(status ?? 'approved')}`;
    const days = [
      ...(from === null ? [] : [`s.overdue >= ${from}`]),
      ...(to === null ? [] : [`s.overdue <= ${to}`]),
    ].map((one) => ` and ${one}`);
    const here = status === 'in_payout' ? `s.payout_status in ('pending', 'ready')` : `${free}${days.join('')}`;
    return `coalesce(sum(s.amount_minor) filter (where ${here}), 0)::text as "${name}"`;
  });
  return [
    ...(await tx.sql<PayableRow[]>`
      with asked as materialized (
        select a.id, p.code as partner, i.code as instance, a.currency
        from ledger_accounts a join partners p on p.id = a.partner_id join instances i on i.id = a.instance_id
        where ${walletsMeant(tx, filter)}
      )
      select a.partner, a.instance, a.currency, ${tx.sql.unsafe(places.join(', '))}
      from asked a
      join (
        select x.*, ${day}::date - x.payable_from as overdue from ${tx.sql.unsafe(entryStates(entries, known))} x where x.posted and x.kept
      ) s on s.wallet_id = a.id
      group by a.partner, a.instance, a.currency
      order by a.partner collate "C", a.instance collate "C", a.currency`),
  ];
}
