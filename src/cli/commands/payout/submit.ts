import { PartialError } from '../../../domain/errors.ts';
import { submitToRegister, type SubmittedToRegister } from '../../../services/payout/payout-register.ts';
import { totalsOf } from '../../../services/payout/payout-totals.ts';
import { payoutsBefore } from '../../../services/payout/settle-payouts.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { requiredOption } from '../../parameters.ts';
import { whenApproved } from './example.ts';
import { confirmedBy, registerFile, runOrPayout } from './parameters.ts';
import { registerColumns, said } from './rows.ts';

type Sent = { readonly number: string; readonly status: string; readonly reason: string | null };
const s = columnsOf<Sent>();

export const submit = mutation({
  rows: {
    noun: 'register',
    plural: 'registers',
    id: (row) => row.file ?? '',
    columns: [
      ...registerColumns<SubmittedToRegister>(
        (row) => row.file,
        (row) => row.register,
      ),
      columnsOf<SubmittedToRegister>().number('cancelled', (row) => row.cancelled.length),
    ],
  },
  sections: [
    section<SubmittedToRegister, Sent>(
      'payouts',
      [
        s.code('number', (row) => row.number),
        s.code('status', (row) => row.status),
        s.text('reason', (row) => row.reason),
      ],
      ({ submitted, cancelled }) => [
        ...submitted.map((number) => ({ number, status: 'processing', reason: null })),
        ...cancelled.map(({ number, reason }) => ({ number, status: 'cancelled', reason })),
      ],
    ),
  ],
  previews: true,
  verb: 'submit',
  summary: 'send what is approved, and write the register of what to pay',
  description:
    'Looks at partners and holds once more, cancels by name what can no longer be paid (exit code 6), takes the rest out of ' +
    'the wallets and writes the register: one line a payout, and beside it FILE.control.json with what they must come to. ' +
    'The file appears whole, and only when the books have committed; `payout register` writes the same bytes again. Afterwards `payout complete` and `payout ' +
    'fail` say what the bank did. The run or number is typed again, or given by --confirm.',
  parameters: {
    what: runOrPayout('a run, or one payout of it', 'Run to submit:', 'ready'),
    out: requiredOption('--out <file>', 'the register to write: a CSV of what to pay by hand', {
      read: registerFile,
      ask: { message: 'Register file:' },
    }),
    confirm: confirmOption(),
  },
  examples: [
    whenApproved('payout submit 1 --out register.csv --confirm 1'),
    whenApproved('payout submit P00000001A --out register.csv --confirm P00000001A'),
    whenApproved('payout submit 1 --out register.csv --dry-run'),
  ],
  async prepare(invocation, { what, confirm }) {
    const ready = await payoutsBefore(await invocation.context(), what, 'processing');
    await confirmTyped(invocation, confirmedBy(what), confirm, `Submit ${said(totalsOf(ready), 'sent')}.`);
  },
  run: async (ctx, { what, out }, _say, path) => await submitToRegister(ctx, what, path(out)),
  done: ({ submitted, file }) =>
    file === null ? 'nothing was left to submit' : `submitted ${submitted.length}; pay what ${file} says`,
  partly: partlySubmitted,
});

/** What was submitted has been printed by then; this says what was not, and ends with exit code 6. */
function partlySubmitted({ submitted, cancelled }: SubmittedToRegister, dryRun: boolean): PartialError | null {
  if (cancelled.length === 0) return null;
  const lines = cancelled.map(({ number, partner, reason }) => `  ${number} of ${partner}: ${reason}`);
  const message = `${cancelled.length} of ${submitted.length + cancelled.length} payouts can no longer be paid and ${dryRun ? 'would be' : 'are'} cancelled`;
  return new PartialError('payouts_cancelled', [message, ...lines].join('\n'), {
    hint: 'their entries are free for the next run, once nothing stands in the way',
    details: { submitted, cancelled },
  });
}
