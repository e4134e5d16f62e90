import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { measure, type Order } from './measured-child.ts';

await measure<Order & { cutoff: string }>(async (ctx, { cutoff }) => {
  const { run, lines, payoutCount: payouts, skipCount: left } = await generatePayouts(ctx, { due: true, cutoff });
  return { run, lines, payouts, left };
});
