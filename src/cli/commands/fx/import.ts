import { importFxRates, type FxImported } from '../../../services/fx/import-fx-rates.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, flag } from '../../parameters.ts';
import { EXAMPLE_RATES, onRates, withRates } from './example.ts';

const c = columnsOf<FxImported>();

export const importCommand = mutation({
  rows: {
    noun: 'exchange rates',
    plural: 'exchange rates',
    id: (row) => (row.knownSeq === null ? '' : String(row.knownSeq)),
    columns: [
      c.text('file', (row) => row.file),
      c.number('read', (row) => row.read),
      c.number('new', (row) => row.new),
      c.number('corrected', (row) => row.corrected),
      c.number('known', (row) => row.known),
      c.number('pairs', (row) => row.pairs),
      c.date('first_date', (row) => row.firstDate),
      c.date('last_date', (row) => row.lastDate),
      c.number('known_seq', (row) => row.knownSeq),
    ],
  },
  verb: 'import',
  summary: 'import exchange rates from a CSV file, all of them or none',
  description: [
    'Imports a CSV with these columns, in any order; the rate says how many of quote one of base is worth:',
    EXAMPLE_RATES.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    'or the history that the European Central Bank publishes, eurofxref-hist.csv, as it is. The same file twice adds ' +
      'nothing. Where it says other than the books it is refused by line, or with --correct becomes known from now on: ' +
      'what was decided by the old rate stays, and can still be told.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the file'),
    correct: flag('--correct', 'let it say other than what is known'),
  },
  previews: true,
  examples: [
    onRates('fx import rates.csv'),
    onRates('fx import eurofxref-hist.csv --dry-run'),
    withRates('fx import mended.csv --correct'),
  ],
  async run(ctx, { file, correct }, say, path) {
    const imported = await importFxRates(ctx, { file: path(file), label: file, correct });
    if (imported.leftOut.length > 0) say(`left out, being no currencies of ours: ${imported.leftOut.join(', ')}`);
    return imported;
  },
  done: ({ new: added, corrected, file }) =>
    added + corrected === 0
      ? `nothing new in ${file}`
      : `${added} rates imported${corrected === 0 ? '' : `, ${corrected} corrected`}; what waits for one is decided by the next accrual`,
});
