import { attemptRows, insertOutcome, type AttemptRow } from '../../db/queries/attempts.ts';
import type { Connection } from '../../db/connection.ts';
import type { AttemptOutcome } from '../../domain/attempts.ts';
import type { Finding } from '../../domain/reconciliation.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { ReportFormat } from '../../formats/payments/payment-report.ts';
import { isOpen } from './send-attempts.ts';

/** What a payout becomes by a report its attempt has come to, which is said first: nothing fails whose attempt is open. */
const ENDS: Readonly<Partial<Record<PayoutStatus, AttemptOutcome>>> = {
  completed: 'paid',
  unclaimed: 'unclaimed',
  failed: 'failed',
  returned: 'returned',
};

/** Ends the attempts that are open at payouts which a report moves. Writes. */
export async function endAttempts(tx: Connection, proving: readonly Finding[]): Promise<void> {
  const open = await openAttempts(tx, proving);
  for (const { payout, record, consequence } of proving) {
    const row = payout === null ? undefined : open.get(payout.id);
    if (row === undefined || consequence === null || !('to' in consequence)) continue;
    open.delete(payout!.id);
    const providerId = row.providerId ?? record?.bankReference ?? null;
    // What comes back before the books have it paid fails; the provider had paid it.
    const outcome = record?.kind === 'returned' ? 'returned' : ENDS[consequence.to];
    // Without a name it cannot be said what was paid; the payout itself says that it was.
    if (outcome === undefined || (outcome !== 'failed' && providerId === null)) continue;
    const code = record?.reason?.code ?? (outcome === 'paid' ? null : consequence.to);
    const message = record?.reason?.text?.slice(0, 500) ?? null;
    await insertOutcome(tx, { attemptId: row.id, outcome, providerId, code, message });
  }
}

/**
 * A report that knows payouts by number alone may tell of an attempt that was refused before: while another is open, only
 * the provider's answer to that one fails the payout. Reads only.
 */
export async function leftToAttempts(
  tx: Connection,
  format: ReportFormat,
  findings: readonly Finding[],
): Promise<Finding[]> {
  if (format.endsWith('-event')) return [...findings];
  const failing = findings.filter(
    ({ consequence }) => consequence !== null && 'to' in consequence && consequence.to === 'failed',
  );
  const open = await openAttempts(tx, failing);
  return findings.map((finding) => {
    const row = failing.includes(finding) ? open.get(finding.payout!.id) : undefined;
    if (row === undefined || row.nth === 1) return finding;
    const note = `attempt ${row.nth} of it is open: revshare payout resolve ${row.number}`;
    return { ...finding, outcome: 'status_differs', consequence: null, note };
  });
}

/** By payout. */
async function openAttempts(tx: Connection, findings: readonly Finding[]): Promise<Map<number, AttemptRow>> {
  const ids = new Set(findings.flatMap(({ payout }) => payout?.id ?? []));
  if (ids.size === 0) return new Map();
  const rows = (await attemptRows(tx, { payoutIds: [...ids] })).filter(isOpen);
  return new Map(rows.map((row) => [row.payoutId, row]));
}
