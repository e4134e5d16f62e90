import { importRevenue } from '../../src/services/revenue/import-revenue.ts';
import { measure, type Order } from './measured-child.ts';

await measure<Order & { file: string; map: string }>(async (ctx, { file, map }) => {
  const imported = await importRevenue(ctx, { file, map, createAccounts: true });
  return { events: imported.new };
});
