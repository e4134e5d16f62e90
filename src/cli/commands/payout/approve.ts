import { UsageError } from '../../../domain/errors.ts';
import { approveRun, assertOtherPerson, type ApprovedRun } from '../../../services/payout/approve-run.ts';
import { showPayoutRun } from '../../../services/payout/list-runs.ts';
import { checkersText, checksText, wantsChecker } from '../../../services/payout/run-checks.ts';
import { totalsOf } from '../../../services/payout/payout-totals.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { option } from '../../parameters.ts';
import { whenDrafted, whenOverLimit } from './example.ts';
import { runToApprove } from './parameters.ts';
import { amounts, named, payoutsSection, said, totalsSection } from './rows.ts';

const c = columnsOf<ApprovedRun>();
const approvedRows: NounRows<ApprovedRun> = {
  noun: 'run',
  plural: 'runs',
  id: (row) => String(row.run),
  columns: [
    c.number('run', (row) => row.run),
    c.date('cutoff', (row) => row.cutoff),
    c.number('payout_count', (row) => row.payouts.length),
    c.amounts('gross', (row) => amounts(totalsOf(row.payouts))),
    c.actor('made_by', (row) => row.maker),
    c.actor('approved_by', (row) => named(row.checkers)),
    c.text('checkers', (row) => checkersText(row.checks)),
    c.amounts('over_limit', (row) => row.checks.over),
    c.code('content_hash', (row) => row.contentHash),
  ],
};

function readHash(text: string): string {
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{12,64}$/.test(hash)) return hash;
  throw new UsageError('hash_invalid', `'${text.trim().slice(0, 80)}' is no content hash`, {
    hint: 'give its first 12 to 64 digits, as `revshare payout show RUN` prints it',
  });
}

export const approve = mutation({
  rows: approvedRows,
  sections: [
    totalsSection<ApprovedRun>((row) => totalsOf(row.payouts)),
    payoutsSection<ApprovedRun>((row) => row.payouts),
  ],
  previews: true,
  verb: 'approve',
  summary: 'approve a run as the second person, bound to its content',
  description:
    'Whoever made a run cannot approve it: the database tells the two apart by their logins. A run that sends more of a ' +
    'currency than the limit (`approval limit --payouts`) wants two checkers, and its payouts stay pending until another ' +
    'one has approved it, too; raising the limit afterwards spares it none. The approval is of the ' +
    'content that was shown, by its hash; with --hash only of that one. Payouts taken out before stay out. None is taken ' +
    'back: who thinks better of it cancels the payouts. The run is typed again, or given by --confirm.',
  parameters: {
    run: runToApprove,
    hash: option('--hash <hash>', 'refuse unless the run has this content; 12 digits will do', { read: readHash }),
    note: option('--note <text>', 'for the record'),
    confirm: confirmOption(),
  },
  examples: [
    whenDrafted('payout approve 1 --confirm 1 --actor checker'),
    whenOverLimit('payout approve 1 --confirm 1 --note "one of two" --actor checker'),
    whenDrafted('payout approve 1 --dry-run --actor checker'),
  ],
  async prepare(invocation, input) {
    const ctx = await invocation.context();
    const run = await showPayoutRun(ctx, input.run, { limit: 0, offset: 0 });
    // Before anybody types anything: the database would refuse it afterwards.
    assertOtherPerson(ctx, run);
    const before = run.checks.wanted === 1 ? '' : `, ${checksText(run.checks)}`;
    const message = `Approve run ${run.run}: ${said(run.totals)}, made by ${run.maker}, content ${run.contentHash.slice(0, 12)}${before}.`;
    await confirmTyped(invocation, String(run.run), input.confirm, message);
    // What was shown is what is approved, also when the answer took its time.
    return { ...input, hash: input.hash ?? run.contentHash };
  },
  run: async (ctx, { run, hash, note }) => await approveRun(ctx, { run, contentHash: hash, note }),
  done: ({ run, payouts, checks }) =>
    wantsChecker(checks)
      ? `run ${run} has ${checksText(checks)}; another person approves it, too: revshare payout approve ${run}`
      : `approved run ${run}: ${said(totalsOf(payouts))}; \`revshare payout submit ${run}\` sends it`,
});
