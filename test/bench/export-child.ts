import { writeExport, type AskedExport } from '../../src/services/export/write-export.ts';
import { measure, type Order } from './measured-child.ts';

await measure<Order & { asked: AskedExport; out: string }>(async (ctx, { asked, out }) => {
  const { manifest } = await writeExport(ctx, 'earnings', asked, out, { version: 'bench' });
  return { rows: manifest.rows };
});
