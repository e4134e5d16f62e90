/**
 * `npx tsx test/bench/export.ts [entries] [rounds]`: the rate of `earnings export`, whole (format, hash, fsync, manifest),
 * beside `COPY (the identical SELECT) TO '/dev/null'` inside the server, and beside a client that throws the same COPY
 * away; each round measures all three, so that a figure is a ratio of one run. Prints one JSON line a figure.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContext } from '../../src/app.ts';
import { copyOut } from '../../src/db/copy-out.ts';
import { openDatabase, type Database } from '../../src/db/connection.ts';
import { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, ensureServer, stopServer } from '../../src/db/embedded/server.ts';
import { currentMoment, readOneMoment } from '../../src/db/queries/as-of.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { exportEarnings, type EarningsExport } from '../../src/services/earnings/export-earnings.ts';
import { earningsExportV1 } from '../../src/services/earnings/export-v1.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { fillBooks } from './export-books.ts';

const entries = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const home = mkdtempSync(join(tmpdir(), 'revshare-bench-export-'));
const print = (figure: object) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

async function main(): Promise<void> {
  const endpoint = await ensureServer(home);
  const where = { home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'bench' };
  await createProgramme(where, { name: 'main', currency: 'EUR' }, { dryRun: false });
  const admin = openDatabase({
    url: null,
    schema: 'main',
    socket: {
      path: join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`),
      database: EMBEDDED_DATABASE,
      user: EMBEDDED_SUPERUSER,
    },
  });
  print({ filled: entries, seconds: await seconds(async () => await fillBooks(admin, entries)) });
  const ctx = buildContext(admin, {
    programme: 'main',
    actor: 'bench',
    zone: 'UTC',
    clock: { now: () => Date.now() },
    progress: { step: () => {}, done: () => {} },
  });
  for (const format of ['csv', 'ndjson'] as const) {
    const asked: EarningsExport = { period: '2026-10', partner: null, instance: null, format, asOf: null };
    const out = join(home, `october.${format}`);
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    for (let round = 1; round <= rounds; round += 1) {
      const inServer = await seconds(async () => await bareCopy(admin, format, 'server'));
      const inClient = await seconds(async () => await bareCopy(admin, format, 'client'));
      const whole = await seconds(async () => await exportEarnings(ctx, asked, out, { version: 'bench' }));
      print({
        format,
        round,
        export_rows_per_s: Math.trunc(entries / whole),
        server_copy_rows_per_s: Math.trunc(entries / inServer),
        client_copy_rows_per_s: Math.trunc(entries / inClient),
        ratio_to_server_copy: Number((inServer / whole).toFixed(3)),
        ratio_to_client_copy: Number((inClient / whole).toFixed(3)),
      });
    }
    clearInterval(watch);
    const verified = await seconds(async () => {
      const { whole, repeatable } = await verifyExport(ctx, out);
      if (!whole || repeatable !== true) throw new Error('the export does not verify');
    });
    print({ format, peak_rss_mb: Math.trunc(peak / 1024 / 1024), verify_rows_per_s: Math.trunc(entries / verified) });
  }
  await admin.close();
}

/** The very statement of an export, its bytes thrown away by the server itself or by the least a client can do. */
async function bareCopy(db: Database, format: 'csv' | 'ndjson', by: 'server' | 'client'): Promise<void> {
  await db.transaction(async (tx) => {
    await readOneMoment(tx);
    const moment = await currentMoment(tx);
    const filter = {
      period: { label: '2026-10', from: '2026-10-01', to: '2026-11-01' },
      partner: null,
      instance: null,
    };
    const statement = (await earningsExportV1.prepare(tx, filter, moment)).statement(format);
    if (process.env['EXPLAIN'] !== undefined) {
      const select = statement.slice('copy ('.length, statement.lastIndexOf(') to stdout'));
      for (const row of await tx.sql.unsafe(`explain (analyze, buffers off) ${select}`))
        process.stderr.write(`${row['QUERY PLAN']}\n`);
    }
    if (by === 'server') await tx.sql.unsafe(statement.replace(') to stdout', `) to '/dev/null'`));
    else await copyOut(tx, db, { statement, heading: format === 'csv', lineEnd: '\n' }, async () => {});
  });
}

try {
  await main();
} finally {
  await stopServer(home, 'immediate');
  rmSync(home, { recursive: true, force: true });
}
