import { reviewCommissions, type Reviewed } from '../../../services/review/review-commissions.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { option, requiredOption } from '../../parameters.ts';
import { awaitingReview } from './example.ts';
import { actedColumns, actCommand } from './selection.ts';

const c = columnsOf<Reviewed>();
const rows: NounRows<Reviewed> = {
  noun: 'review',
  plural: 'reviews',
  id: (row) => (row.review === null ? '' : String(row.review)),
  columns: [c.number('review', (row) => row.review), ...actedColumns],
};

export const approve = actCommand({
  rows,
  verb: 'approve',
  outcome: 'approved',
  summary: 'approve entries that wait for a person',
  description:
    'Makes pending entries payable from their date on, and refunds of them with them. It lifts no hold: that is `commission ' +
    'release`.',
  parameters: { reason: option('--reason <text>', 'why, for the record') },
  examples: [
    awaitingReview('commission approve 1.0'),
    awaitingReview('commission approve --partner acme --period 2026-10 --dry-run'),
    awaitingReview('commission approve --file reviewed.txt --reason "checked against the order"', {
      'reviewed.txt': '1.0\n',
    }),
    awaitingReview('commission approve --all --yes'),
  ],
  run: async (ctx, { reason }, request) => await reviewCommissions(ctx, { ...request, verdict: 'approved', reason }),
  nothing: () => 'nothing that this means waits for approval',
});

export const reject = actCommand({
  rows,
  verb: 'reject',
  outcome: 'rejected',
  summary: 'reject entries, out of the wallet again',
  description:
    'Takes entries back for good, on the date of today: out of the wallet, back to commission expense. Refunds of them go ' +
    'with them, those that come later too, for they would take the same money once more. What a payout holds is refused; ' +
    'what is paid is corrected by an adjustment.',
  parameters: {
    reason: requiredOption('--reason <text>', 'why, for the record', { ask: { message: 'Reason (for the record):' } }),
  },
  examples: [
    awaitingReview('commission reject 1.0 --reason "test order"'),
    awaitingReview('commission reject --instance acme-shop --currency EUR --min-amount 5 --reason fraud --dry-run'),
  ],
  async run(ctx, { reason }, request, say) {
    const done = await reviewCommissions(ctx, { ...request, verdict: 'rejected', reason });
    if (done.along > 0) say(`${done.along} of them reverse what was rejected, and went with it`);
    return done;
  },
  nothing: () => 'nothing that this means can be rejected',
});
