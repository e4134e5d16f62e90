import type { AskedExport } from '../../src/services/export/write-export.ts';
import { BundledChild } from './bundled-child.ts';
import { fillBooks } from './export-books.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { grouped, median, say, type Figure } from './report.ts';

/** What accountants open: no larger than this in one go, and on any laptop. */
const ROWS = 200_000;

/** The earnings export as a workbook, whole (format, compress, hash, fsync, manifest), beside the same as CSV. */
export async function benchWorkbook(home: OwnHome, _sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('export-child.ts');
  const programme = 'workbook';
  const ctx = await home.programme(programme);
  const admin = home.admin(programme);
  say(`${programme}: generating`);
  await fillBooks(admin, ROWS);
  const measured = { csv: [] as Measured[], xlsx: [] as Measured[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const format of ['csv', 'xlsx'] as const) {
      const asked: AskedExport = { period: '2026-10', format, asOf: null };
      const out = home.path(`${programme}.${format}`);
      const run = await child.run<Measured & { rows: number }>({ where: home.where, programme, asked, out });
      if (run.rows !== ROWS) throw new Error(`${run.rows} rows were exported, not ${ROWS}`);
      measured[format].push(run);
      say(`${programme} ${format} round ${round + 1}: ${run.seconds.toFixed(2)} s, ${run.peakMb.toFixed(0)} MB`);
    }
  }
  await Promise.all([ctx.close(), admin.close()]);
  const seconds = (format: 'csv' | 'xlsx') => median(measured[format].map((run) => run.seconds));
  const name = `${grouped(ROWS)} entries, xlsx`;
  return [
    { bench: 'workbook', name, value: ROWS / seconds('xlsx'), unit: 'rows/s' },
    { bench: 'workbook', name: `${name}: xlsx / csv, time`, value: seconds('xlsx') / seconds('csv'), unit: '' },
    { bench: 'workbook', name: `${name}: peak memory`, value: median(measured.xlsx.map((run) => run.peakMb)), unit: 'MB', aim: { atMost: 300 } }, // prettier-ignore
  ];
}
