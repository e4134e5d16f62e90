import { payoutRegister, writeRegister, type WrittenRegister } from '../../../services/payout/payout-register.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow } from '../../output/printer.ts';
import { requiredOption } from '../../parameters.ts';
import { whenSubmitted } from './example.ts';
import { registerFile, runOrPayout } from './parameters.ts';
import { registerColumns } from './rows.ts';

const columns = [
  ...registerColumns<WrittenRegister>(
    (row) => row.file,
    (row) => row.register,
  ),
  columnsOf<WrittenRegister>().flag('unchanged', (row) => row.unchanged),
];

export const register = command({
  verb: 'register',
  summary: 'write the register of what was submitted again, the same bytes',
  description:
    'Whatever became of the payouts since, and whatever their partners are called now; those that are with the bank no more ' +
    'are named, for they must not be paid again. A run that was submitted in pieces has a register for each: name a payout of ' +
    'the one you mean. With --out - the register goes to stdout.',
  parameters: {
    what: runOrPayout('a run, or a payout of the submission', 'Run:'),
    out: requiredOption('--out <file>', 'the file to write, or - for stdout', {
      read: registerFile,
      ask: { message: 'Register file:' },
    }),
  },
  examples: [
    whenSubmitted('payout register 1 --out register.csv'),
    whenSubmitted('payout register P00000001A --out -'),
  ],
  async run(invocation, { what, out }) {
    const ctx = await invocation.context();
    if (out === '-') {
      const made = await payoutRegister(ctx, what);
      await invocation.print.out.write(made.register.content);
      return await invocation.note(movedOn(made));
    }
    const made = await writeRegister(ctx, what, invocation.path(out));
    await printRow(invocation.print, columns, made, (row) => row.file);
    await invocation.note(made.unchanged ? `${out} is this register already, byte by byte` : `wrote ${out}`);
    await invocation.note(movedOn(made));
  },
});

function movedOn({ movedOn: gone }: Pick<WrittenRegister, 'movedOn'>): string {
  if (gone.length === 0) return 'all of it is still with the bank';
  return `do not pay again: ${gone.map(({ number, status }) => `${number} is ${status}`).join(', ')}`;
}
