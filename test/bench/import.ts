import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { BundledChild } from './bundled-child.ts';
import { CopyBaseline, type CopyTarget } from './copy-baseline.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { growth, grouped, median, say, type Figure } from './report.ts';
import { ACCOUNTS_PER_INSTANCE, DAYS, fillUniverse, INSTANCES, PRODUCTS } from './universe.ts';

const EVENTS: CopyTarget = {
  like: 'revenue_events',
  columns: [
    'id',
    'batch_id',
    'source_id',
    'version',
    'kind',
    'external_id',
    'instance_id',
    'account_id',
    'product_id',
    'sale_id',
    'currency',
    'net_minor',
    'gross_minor',
    'tax_minor',
    'quantity',
    'country',
    'transaction_type',
    'occurred_at',
    'occurred_on',
  ],
  guard: {
    function: 'guard_revenue_events',
    without: [' and e.transaction_id = pg_current_xact_id_if_assigned()'],
  },
};

const MAP = `source = "billing"

[columns]
external_id = "id"
kind = "kind"
occurred_at = "at"
net = "net"
gross = "gross"
currency = "currency"
instance = "instance"
account = "account"
product = "product"
sale_ref = "invoice"
sale_net = "invoice_net"

[kind]
otherwise = "payment"
`;

/** The import of a file, command to commit, beside COPY of the very events it made. */
export async function benchImport(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('import-child.ts');
  const measured = new Map<number, Measured>();
  const figures: Figure[] = [];
  const map = home.path('map.toml');
  writeFileSync(map, MAP);
  for (const size of sizes) {
    const programme = `import_${size}`;
    const ctx = await home.programme(programme);
    const admin = home.admin(programme);
    say(`${programme}: writing the file`);
    const file = home.path(`${programme}.csv`);
    await writeFile(file, size);
    await fillUniverse(ctx.db);
    await admin.sql`vacuum analyze`;
    const runs: Measured[] = [];
    const guarded: number[] = [];
    const bare: number[] = [];
    const copy = new CopyBaseline(admin, EVENTS, home.path(`${programme}.copy`));
    for (let round = 0; round < rounds; round += 1) {
      await admin.transaction(async ({ sql }) => {
        await sql`set local session_replication_role = replica`;
        await sql`truncate revenue_events, event_batches, sales cascade`;
      });
      await admin.sql`checkpoint`;
      const run = await child.run<Measured & { events: number }>({ where: home.where, programme, file, map });
      if (run.events !== size) {
        throw new Error(`${run.events} events were imported, not ${size}`);
      }
      runs.push(run);
      await copy.prepare();
      guarded.push(await copy.guarded());
      bare.push(await copy.bare());
      say(
        `${programme} round ${round + 1}: import ${run.seconds.toFixed(2)} s, ${run.peakMb.toFixed(0)} MB; ` +
          `COPY guarded ${guarded.at(-1)!.toFixed(2)} s, bare ${bare.at(-1)!.toFixed(2)} s`,
      );
    }
    const seconds = median(runs.map((run) => run.seconds));
    measured.set(size, { seconds, peakMb: median(runs.map((run) => run.peakMb)) });
    const name = grouped(size);
    const aim = size === Math.max(...sizes) ? { aim: { atLeast: 0.35 } } : {};
    figures.push(
      { bench: 'import', name: `${name} rows, file to commit`, value: size / seconds, unit: 'rows/s' },
      { bench: 'import', name: `${name}: COPY of its events, same guards`, value: size / median(guarded), unit: 'rows/s' }, // prettier-ignore
      { bench: 'import', name: `${name}: import / COPY, same guards`, value: median(guarded) / seconds, unit: '', ...aim }, // prettier-ignore
      { bench: 'import', name: `${name}: import / COPY, no guards`, value: median(bare) / seconds, unit: '' },
    );
    await ctx.close();
    await admin.close();
  }
  return [...figures, ...growth('import', measured, 'row')];
}

/** What a billing system hands over: charges of thirty days, every fiftieth given back, one in 25 a part of an invoice. */
async function writeFile(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id,kind,at,net,gross,currency,instance,account,product,invoice,invoice_net\n');
  const amount = (minor: number) => (minor / 100).toFixed(2);
  let block = '';
  for (let row = 0; row < rows; row += 1) {
    const mixed = Math.imul(row + 1, 0x9e3779b1) >>> 0;
    const invoice = row % 25 === 0 ? Math.floor(row / 50) : null;
    // both parts of an invoice are of one customer and product
    const place = 1 + ((invoice ?? mixed) % INSTANCES);
    const customer = 1 + ((invoice ?? mixed >>> 8) % ACCOUNTS_PER_INSTANCE);
    const invoiceNet = 1000 + ((invoice ?? 0) % 90_000);
    const back = invoice === null ? row % 50 === 7 : row % 50 !== 0;
    const whole = invoice === null ? 100 + (mixed % 250_000) : back ? Math.floor(invoiceNet / 2) : invoiceNet;
    const net = back ? -whole : whole;
    const day = String(1 + Math.floor((row * DAYS) / rows)).padStart(2, '0');
    block +=
      `ch_${mixed.toString(16).padStart(8, '0')}${row.toString(16).padStart(16, '0')},${back ? 'refund' : 'payment'},2026-10-${day}T09:00:00Z,` +
      `${amount(net)},${amount(Math.round(net * 1.2))},${['EUR', 'EUR', 'EUR', 'GBP', 'USD'][place % 5]},` +
      `instance-${place},customer-${place}-${customer},product-${1 + ((invoice ?? mixed) % PRODUCTS)},` +
      `${invoice === null ? ',' : `inv_${invoice},${amount(invoiceNet)}`}\n`;
    if (block.length > 256 * 1024) {
      if (!file.write(block)) {
        await once(file, 'drain');
      }
      block = '';
    }
  }
  file.end(block);
  await once(file, 'close');
}
