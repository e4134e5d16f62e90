/**
 * `npm run bench [import|accrue|mixed|history|nights|payouts|tiers|export|workbook|wallets|statements|start] [-- --events 100000,1000000 --rounds 3 --json|--markdown|--write]`:
 * each figure is a ratio of things measured in one run, on an embedded server of its own that is thrown away. `--write`
 * puts the table into the README. Ends with 7 when an aim is missed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAccrue } from './accrue.ts';
import { benchExport } from './export.ts';
import { benchHistory } from './history.ts';
import { benchImport } from './import.ts';
import { benchMixed } from './mixed.ts';
import { benchNights } from './nights.ts';
import { OwnHome } from './own-home.ts';
import { benchPayouts } from './payouts.ts';
import { circumstances, isMet, print, publish, type Figure } from './report.ts';
import { benchStart } from './start.ts';
import { benchStatements } from './statements.ts';
import { benchWallets } from './wallets.ts';
import { benchTiers } from './tiers.ts';
import { benchWorkbook } from './workbook.ts';

const BENCHES = {
  import: benchImport,
  accrue: benchAccrue,
  mixed: benchMixed,
  history: benchHistory,
  nights: benchNights,
  payouts: benchPayouts,
  tiers: benchTiers,
  export: benchExport,
  workbook: benchWorkbook,
  wallets: benchWallets,
  statements: benchStatements,
  start: benchStart,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '100000,1000000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  throw new Error(`there is no bench '${unknown}': ${Object.keys(BENCHES).join(', ')}`);
}
const sizes = values.events.split(',').map(Number);
const rounds = Number(values.rounds);

const figures: Figure[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length === 0 || positionals.includes(name)) {
    const home = await OwnHome.open();
    try {
      figures.push(...(await bench(home, sizes, rounds)));
    } finally {
      await home.throwAway();
    }
  }
}
process.stdout.write(print(figures, values.json ? 'json' : values.markdown ? 'markdown' : 'table'));
if (values.write) {
  publish(join(import.meta.dirname, '../../README.md'), `${circumstances(rounds)}\n\n${print(figures, 'markdown')}`);
}
if (figures.some((figure) => isMet(figure) === false)) {
  process.exitCode = 7;
}
