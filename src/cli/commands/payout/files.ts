import { listPayoutFiles, writePayoutFiles, type FileInPlace } from '../../../services/payout/write-files.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { whenFiled } from './example.ts';
import { runOrPayout } from './parameters.ts';
import { fileColumns } from './rows.ts';

const c = columnsOf<FileInPlace>();
const inPlace = [c.text('file', (row) => row.file), c.flag('unchanged', (row) => row.unchanged)];

export const files = command({
  verb: 'files',
  summary: 'list the files that payouts left in, or write them again, the same bytes',
  description:
    'Of a run, or of the submission of a payout: what was written for each rail and currency, when payees are to have it, and ' +
    'its hash. With --out the files are made again in that directory and proved by their hash, whatever became of payouts, ' +
    'partners and profiles since; a file that is there already with these bytes is left as it is.',
  parameters: {
    what: runOrPayout('a run, or a payout of the submission', 'Run:'),
    out: option('--out <directory>', 'write them again in this directory'),
  },
  examples: [whenFiled('payout files 1'), whenFiled('payout files P00000001A --out . --json')],
  async run(invocation, { what, out }) {
    const ctx = await invocation.context();
    const found =
      out === undefined ? await listPayoutFiles(ctx, what) : await writePayoutFiles(ctx, what, invocation.path(out));
    const columns = out === undefined ? fileColumns : [...fileColumns, ...inPlace];
    await printList<FileInPlace>(invocation.print, columns, found, (row) => row.name);
    if (out === undefined) return;
    const same = found.filter(({ unchanged }) => unchanged).length;
    await invocation.note(`wrote ${found.length - same}; ${same} were there already, byte by byte`);
  },
});
