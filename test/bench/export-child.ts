import { exportEarnings, type EarningsExport } from '../../src/services/earnings/export-earnings.ts';
import { measure, type Order } from './measured-child.ts';

await measure<Order & { asked: EarningsExport; out: string }>(async (ctx, { asked, out }) => {
  const { manifest } = await exportEarnings(ctx, asked, out, { version: 'bench' });
  return { rows: manifest.rows };
});
