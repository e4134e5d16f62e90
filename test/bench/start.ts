import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { OwnHome } from './own-home.ts';
import { median, secondsOf, type Figure } from './report.ts';

const BIN = join(import.meta.dirname, '../../bin/revshare.js');
/** Starts are short, so there are many of them to a round. */
const STARTS = 8;

/** What a person waits for: the tool beside a node that does nothing, in turns. `npm run build` comes first. */
export async function benchStart(home: OwnHome, _sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const ctx = await home.programme('main');
  await ctx.db.sql`insert into partners (code, name, type, status, currency)
    select 'partner-' || g, 'Partner ' || g, 'reseller', 'active', 'EUR' from generate_series(1, 20) g`;
  const commands = {
    'node -e 0': ['-e', '0'],
    'revshare --version': [BIN, '--version'],
    'revshare partner list': [BIN, 'partner', 'list'],
  };
  const taken = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
  // The first of each finds the disk cold.
  for (let start = -1; start < rounds * STARTS; start += 1) {
    for (const [name, args] of Object.entries(commands)) {
      const seconds = await secondsOf(async () => await Promise.resolve(run(home, args)));
      if (start >= 0) {
        taken.get(name)!.push(seconds);
      }
    }
  }
  const [bare, version, list] = [...taken.values()].map(median) as [number, number, number];
  return [
    { bench: 'start', name: 'node -e 0', value: bare * 1000, unit: 'ms' },
    { bench: 'start', name: 'revshare --version / node -e 0', value: version / bare, unit: '', aim: { atMost: 1.4 } },
    { bench: 'start', name: 'revshare partner list / node -e 0', value: list / bare, unit: '', aim: { atMost: 2.6 } },
  ];
}

function run(home: OwnHome, args: readonly string[]): void {
  const env = { PATH: process.env['PATH'] ?? '', REVSHARE_HOME: home.where.home, REVSHARE_ACTOR: 'bench' };
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  }
}
