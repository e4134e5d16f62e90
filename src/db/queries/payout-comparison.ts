import type { Connection } from '../connection.ts';

/** A payout beside the last one of the same partner and currency that was approved, whatever became of it; one of the two may be missing. */
export interface ComparedRow {
  readonly partner: string;
  readonly currency: string;
  readonly number: string | null;
  readonly gross: string | null;
  readonly lastNumber: string | null;
  readonly lastGross: string | null;
  /** It goes elsewhere than the last. */
  readonly elsewhere: boolean;
}

const PAID = `('ready', 'processing', 'unclaimed', 'completed')`;
/** Who got money that came back, and gets it again, is nobody new. */
const APPROVED = `('ready', 'processing', 'unclaimed', 'completed', 'failed', 'returned')`;

/** The payouts of a run, or one of them, each with the payee's last before it. */
export async function lastPayouts(
  tx: Connection,
  of: { runId: number } | { payoutId: number },
): Promise<ComparedRow[]> {
  const which = 'runId' in of ? tx.sql`p.run_id = ${of.runId}` : tx.sql`p.id = ${of.payoutId}`;
  return [
    ...(await tx.sql<ComparedRow[]>`
      select a.code as partner, p.currency, p.number, p.gross_minor as gross, b.number as "lastNumber", b.gross_minor as "lastGross",
        b.number is not null and b.instrument_id is distinct from p.instrument_id as elsewhere
      from payouts p join partners a on a.id = p.partner_id
      left join lateral (
        select o.number, o.gross_minor, o.instrument_id from payouts o
        where o.partner_id = p.partner_id and o.currency = p.currency and o.run_id < p.run_id and o.status in ${tx.sql.unsafe(APPROVED)}
        order by o.id desc limit 1) b on true
      where ${which} order by p.id`),
  ];
}

/** Who got money from the last run over the whole programme before this one, and gets none from this one. */
export async function missingPayees(tx: Connection, runId: number): Promise<ComparedRow[]> {
  return [
    ...(await tx.sql<ComparedRow[]>`
      select a.code as partner, o.currency, null as number, null as gross, o.number as "lastNumber", o.gross_minor as "lastGross", false as elsewhere
      from payouts o join partners a on a.id = o.partner_id
      where o.status in ${tx.sql.unsafe(PAID)}
        and o.run_id = (select r.id from payout_runs r join payout_run_checks v on v.run_id = r.id and v.approvals >= v.wanted
                        where r.id < ${runId} and r.scope = 'programme' order by r.id desc limit 1)
        and exists (select from payout_runs r where r.id = ${runId} and r.scope = 'programme')
        and not exists (select from payouts p where p.run_id = ${runId} and p.partner_id = o.partner_id and p.currency = o.currency)
      order by o.id`),
  ];
}
