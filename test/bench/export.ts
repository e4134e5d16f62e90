import { readOneMoment, currentMoment } from '../../src/db/queries/as-of.ts';
import { PLAIN_CSV } from '../../src/formats/csv-dialect.ts';
import type { Database } from '../../src/db/connection.ts';
import type { AskedExport } from '../../src/services/export/write-export.ts';
import { earningsExportV1 } from '../../src/services/earnings/export-v1.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { BundledChild } from './bundled-child.ts';
import { fillBooks } from './export-books.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { growth, grouped, median, say, secondsOf, type Figure } from './report.ts';

/** The earnings export, whole (format, hash, fsync, manifest), beside COPY (the identical SELECT) TO '/dev/null'. */
export async function benchExport(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('export-child.ts');
  const measured = new Map<number, Measured>();
  const figures: Figure[] = [];
  for (const size of sizes) {
    const programme = `export_${size}`;
    const ctx = await home.programme(programme);
    const admin = home.admin(programme);
    say(`${programme}: generating`);
    await fillBooks(admin, size);
    for (const format of ['csv', 'ndjson'] as const) {
      const asked: AskedExport = { period: '2026-10', partner: null, instance: null, format, asOf: null };
      const out = home.path(`${programme}.${format}`);
      const runs: Measured[] = [];
      const copies: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        copies.push(await secondsOf(async () => await copyToNull(admin, format)));
        const run = await child.run<Measured & { rows: number }>({ where: home.where, programme, asked, out });
        if (run.rows !== size) {
          throw new Error(`${run.rows} rows were exported, not ${size}`);
        }
        runs.push(run);
        say(`${programme} ${format} round ${round + 1}: export ${run.seconds.toFixed(2)} s, COPY ${copies.at(-1)!.toFixed(2)} s`); // prettier-ignore
      }
      const verifying = await secondsOf(async () => {
        const { whole, repeatable } = await verifyExport(ctx, out);
        if (!whole || repeatable !== true) throw new Error('the export does not verify');
      });
      const seconds = median(runs.map((run) => run.seconds));
      const name = `${grouped(size)} entries, ${format}`;
      const aim = size === Math.max(...sizes) ? { aim: { atLeast: 0.85 } } : {};
      figures.push(
        { bench: 'export', name, value: size / seconds, unit: 'rows/s' },
        { bench: 'export', name: `${name}: export / COPY to /dev/null`, value: median(copies) / seconds, unit: '', ...aim }, // prettier-ignore
        { bench: 'export', name: `${name}: verify / export`, value: verifying / seconds, unit: '' },
      );
      if (format === 'csv') {
        measured.set(size, { seconds, peakMb: median(runs.map((run) => run.peakMb)) });
      }
    }
    await Promise.all([ctx.close(), admin.close()]);
  }
  return [...figures, ...growth('export', measured, 'row')];
}

/** The very statement of an export; the server itself throws its bytes away. */
async function copyToNull(db: Database, format: 'csv' | 'ndjson'): Promise<void> {
  await db.transaction(async (tx) => {
    await readOneMoment(tx);
    const moment = await currentMoment(tx);
    const filter = {
      period: { label: '2026-10', from: '2026-10-01', to: '2026-11-01' },
      partner: null,
      instance: null,
      status: null,
      currency: null,
    };
    const statement = (await earningsExportV1.prepare(tx, filter, moment)).statement(
      format === 'csv' ? { format, dialect: PLAIN_CSV } : { format },
    );
    await tx.sql.unsafe(statement.replace(') to stdout', `) to '/dev/null'`));
  });
}
