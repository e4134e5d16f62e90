/**
 * `npx tsx test/bench/payouts.ts [entries] [rounds]`: a payout run over so many due entries, whole (locks, status of every
 * entry, netting, lines, proof, hash, commit), beside a client's bare COPY of the very lines it made into an identical
 * empty table (indexes and constraints, no triggers). Both in each round, so that a figure is a ratio of one run. Prints
 * one JSON line a figure.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContext } from '../../src/app.ts';
import { copyInto } from '../../src/db/copy.ts';
import { openDatabase, type Database } from '../../src/db/connection.ts';
import { EMBEDDED_DATABASE, EMBEDDED_SUPERUSER, ensureServer, stopServer } from '../../src/db/embedded/server.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { cancelPayouts, completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { fillBooks } from './export-books.ts';

const entries = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const home = mkdtempSync(join(tmpdir(), 'revshare-bench-payouts-'));
const print = (figure: object) => process.stdout.write(`${JSON.stringify(figure)}\n`);
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return Number(((performance.now() - start) / 1000).toFixed(3));
};

async function main(): Promise<void> {
  const endpoint = await ensureServer(home);
  const where = { home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'bench' };
  await createProgramme(where, { name: 'main', currency: 'EUR' }, { dryRun: false });
  const socket = { path: join(endpoint.socketDir, `.s.PGSQL.${endpoint.port}`), database: EMBEDDED_DATABASE };
  const as = (user: string): Database => openDatabase({ url: null, schema: 'main', socket: { ...socket, user } });
  const admin = as(EMBEDDED_SUPERUSER);
  print({ filled: entries, seconds: await seconds(async () => await fillBooks(admin, entries)) });
  await admin.sql`create role checker login superuser`;
  const checkerDb = as('checker');
  const context = (db: Database, actor: string) =>
    buildContext(db, {
      programme: 'main',
      actor,
      zone: 'UTC',
      clock: { now: () => Date.UTC(2026, 11, 31) },
      progress: { step: () => {}, done: () => {} },
    });
  const maker = context(admin, EMBEDDED_SUPERUSER);
  const checker = context(checkerDb, 'checker');
  for (let round = 1; round <= rounds; round += 1) {
    let run = 0;
    let lines = 0;
    const generate = await seconds(async () => {
      const made = await generatePayouts(maker);
      run = made.run!;
      lines = made.lines;
    });
    const text = await admin.sql<{ l: string }[]>`
      select concat_ws(E'\t', payout_id, event_id, wallet_id, amount_minor, leg) as l from payout_lines l where release_id is null`;
    const rows = text.map(({ l }) => `${l}\n`);
    const blocks: string[] = [];
    for (let at = 0; at < rows.length; at += 5000) blocks.push(rows.slice(at, at + 5000).join(''));
    const copy = await seconds(async () => await bareCopy(admin, blocks));
    const approve = await seconds(async () => await approveRun(checker, { run }));
    print({
      round,
      lines,
      generate_s: generate,
      bare_copy_s: copy,
      ratio: Number((generate / copy).toFixed(2)),
      approve_s: approve,
    });
    if (round === rounds) {
      print({ submit_s: await seconds(async () => await submitPayouts(maker, { run })) });
      print({ complete_s: await seconds(async () => await completePayouts(maker, { payouts: { run } })) });
    } else {
      print({ cancel_s: await seconds(async () => await cancelPayouts(maker, { payouts: { run }, reason: 'bench' })) });
      await admin.sql`vacuum full payout_lines`;
    }
  }
  await Promise.all([admin.close(), checkerDb.close()]);
}

async function bareCopy(db: Database, blocks: readonly string[]): Promise<void> {
  await db.sql`drop table if exists bare_lines`;
  await db.sql`create table bare_lines (like payout_lines including all)`;
  await db.transaction(async (tx) => {
    await copyInto(tx, 'bare_lines', ['payout_id', 'event_id', 'wallet_id', 'amount_minor', 'leg'], async (write) => {
      for (const block of blocks) await write(block);
    });
  });
}

try {
  await main();
} finally {
  await stopServer(home, 'immediate').catch(() => {});
  rmSync(home, { recursive: true, force: true });
}
