import type { Context } from '../src/services/context.ts';
import { approveRun } from '../src/services/payout/approve-run.ts';
import { generatePayouts } from '../src/services/payout/generate-payouts.ts';
import { completePayouts, failPayouts } from '../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../src/services/payout/submit-payouts.ts';
import { reviewCommissions } from '../src/services/review/review-commissions.ts';
import { decidedBooks, type DecidedBooks } from './decided-books.ts';

export interface PaidBooks extends DecidedBooks {
  /** Of acme: completed. */
  readonly paid: string;
  /** Of zenith: failed, its lines free again. */
  readonly failed: string;
}

/** The books of decided-books.ts a day later: one entry rejected, one payout completed, one failed. */
export async function paidBooks(maker: Context, checker: Context): Promise<PaidBooks> {
  const books = await decidedBooks(maker);
  const [goods] = await maker.db.sql<{ entry: string }[]>`
    select n.event_id || '.' || n.leg as entry from entries n join revenue_events e on e.id = n.event_id where e.external_id = 'goods-1'`;
  await reviewCommissions(maker, { verdict: 'rejected', reason: 'test sale', selection: { entries: [goods!.entry] } });
  const { run, payouts } = await generatePayouts(maker);
  await approveRun(checker, { run: run! });
  await submitPayouts(maker, { run: run! });
  const numberOf = (partner: string) => payouts.find((payout) => payout.partner === partner)!.number;
  const [paid, failed] = [numberOf('acme'), numberOf('zenith')];
  await completePayouts(maker, { payouts: { numbers: [paid] } });
  await failPayouts(maker, { payouts: { numbers: [failed] }, reason: 'account closed' });
  return { ...books, paid, failed };
}
