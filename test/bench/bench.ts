/**
 * `npm run bench [import|accrue|start] [--events 100000,1000000] [--rounds N] [--json|--markdown]`: each figure is a
 * ratio of things measured in one run, on an embedded server of its own that is thrown away.
 */
import { parseArgs } from 'node:util';
import { benchAccrue } from './accrue.ts';
import { OwnHome } from './own-home.ts';
import { isMet, print, type Figure } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '100000,1000000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
});
const known = ['import', 'accrue', 'start'];
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) {
  throw new Error(`there is no bench '${unknown}': ${known.join(', ')}`);
}
const wanted = positionals.length === 0 ? known : positionals;
const sizes = values.events.split(',').map(Number);
const rounds = Number(values.rounds);

const figures: Figure[] = [];
const home = await OwnHome.open();
try {
  if (wanted.includes('accrue')) {
    figures.push(...(await benchAccrue(home, sizes, rounds)));
  }
} finally {
  await home.throwAway();
}
process.stdout.write(print(figures, values.json ? 'json' : values.markdown ? 'markdown' : 'table'));
if (figures.some((figure) => isMet(figure) === false)) {
  process.exitCode = 7;
}
