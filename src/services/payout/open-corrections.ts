import type { Connection } from '../../db/connection.ts';
import { paidInstruments, type PaidInstrumentRow } from '../../db/queries/reconciliations.ts';
import { UsageError } from '../../domain/errors.ts';
import { formatInstrumentCode } from '../../domain/instruments.ts';
import type { Finding } from '../../domain/reconciliation.ts';
import type { CorrectedAccount } from '../../domain/reported-payment.ts';
import { accountDetails, type AccountDetails } from '../../formats/account-details.ts';
import { requireKeyring } from '../../secrets/keyring.ts';
import type { Context } from '../context.ts';
import { addVersion } from '../instrument/add-instrument.ts';
import { openDetails } from '../instrument/sealed-details.ts';

/**
 * What a payee's bank wants to be written next time becomes the next version of the instrument that was paid to: it cools
 * off and waits for a second person like any change, for a notice may be forged too. A correction that the instrument that
 * counts has already is `known`; one of an instrument that was changed or retired since is left to a person.
 *
 * Writes. Throws as `openDetails` does where account data has to be opened.
 */
export async function openCorrections(
  ctx: Context,
  tx: Connection,
  findings: readonly Finding[],
): Promise<{ readonly findings: readonly Finding[]; readonly opened: number }> {
  const payoutIds = findings.flatMap(({ outcome, payout }) => (outcome === 'correction' ? (payout?.id ?? []) : []));
  if (payoutIds.length === 0) return { findings, opened: 0 };
  const paid = new Map((await paidInstruments(tx, payoutIds)).map((row) => [row.payoutId, row]));
  const told: Finding[] = [];
  let opened = 0;
  // One after another: two notices in a file may be about the same account.
  for (const finding of findings) {
    const { outcome, payout, record } = finding;
    const of = outcome === 'correction' && payout !== null ? paid.get(payout.id) : undefined;
    if (of === undefined || of.kind !== 'aba' || record?.corrected == null) {
      told.push(finding);
      continue;
    }
    const { opens, ...corrected } = await correct(ctx, tx, of, record.corrected);
    told.push({ ...finding, ...corrected });
    if (opens) opened += 1;
  }
  return { findings: told, opened };
}

async function correct(
  ctx: Context,
  tx: Connection,
  paid: PaidInstrumentRow,
  corrected: CorrectedAccount,
): Promise<Pick<Finding, 'outcome' | 'note'> & { readonly opens: boolean }> {
  const [now] = await paidInstruments(tx, [paid.payoutId]);
  const standing = now?.standingId ?? null;
  const called = formatInstrumentCode({ ...paid, version: now?.standingVersion ?? null });
  const left = (note: string) => ({ outcome: 'correction' as const, note, opens: false });
  if (standing === null) return left('the instrument is retired');
  const [opened] = await openDetails(ctx, tx, [standing]);
  const details = opened === undefined ? null : correctedDetails(opened.details, corrected);
  if (opened === undefined || details === null) return left(`${called} cannot be written by it: ask the partner`);
  if (same(details, opened.details)) return { outcome: 'known', note: `${called} says so already`, opens: false };
  if (standing !== paid.instrumentId) return left(`the instrument was changed since to ${called}: compare the two`);
  const { partner: code, partnerId: id, currency, kind } = paid;
  const added = { partner: { id, code }, currency, kind, details };
  const version = await addVersion(ctx, tx, requireKeyring(ctx.keys), added);
  const note = `opens ${formatInstrumentCode({ partner: code, currency, version })}, which a second person verifies`;
  return { outcome: 'correction', note, opens: true };
}

/** Null where what is told is no account data, or is told in words. */
function correctedDetails(
  details: AccountDetails,
  { routing, account, kind, other }: CorrectedAccount,
): AccountDetails | null {
  if (other !== null) return null;
  try {
    return accountDetails(
      'aba',
      {
        ...details,
        ...(routing === null ? {} : { routing }),
        ...(account === null ? {} : { account }),
        ...(kind === null || kind === (details['account_type'] ?? 'checking') ? {} : { account_type: kind }),
      },
      'correction',
    );
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function same(one: AccountDetails, other: AccountDetails): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((field) => one[field] === other[field]);
}
