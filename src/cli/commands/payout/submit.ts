import { PartialError } from '../../../domain/errors.ts';
import { leaveInFiles } from '../../../services/payout/called-rail.ts';
import { submitToFiles, type SubmittedToFiles } from '../../../services/payout/payout-register.ts';
import { totalsOf } from '../../../services/payout/payout-totals.ts';
import { payoutsBefore } from '../../../services/payout/settle-payouts.ts';
import { complaintOf } from '../../complete-input.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { flag, option } from '../../parameters.ts';
import { whenApproved } from './example.ts';
import { confirmedBy, registerFile, runOrPayout } from './parameters.ts';
import { fileColumns, registerColumns, said, sentColumns } from './rows.ts';

type Sent = { readonly number: string; readonly status: string; readonly reason: string | null };
const s = columnsOf<Sent>();
const t = columnsOf<SubmittedToFiles['changes'][number]>();

export const submit = mutation({
  rows: {
    noun: 'register',
    plural: 'registers',
    id: (row) => row.file ?? '',
    columns: [
      ...registerColumns<SubmittedToFiles>(
        (row) => row.file,
        (row) => row.register,
      ),
      columnsOf<SubmittedToFiles>().text('rail_files', (row) => row.railFiles),
      columnsOf<SubmittedToFiles>().number('cancelled', (row) => row.cancelled.length),
    ],
  },
  sections: [
    section<SubmittedToFiles, Sent>(
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
    section<SubmittedToFiles, SubmittedToFiles['sent'][number]>('sent', sentColumns, (row) => row.sent),
    section<SubmittedToFiles, SubmittedToFiles['files'][number]>('rail_files', fileColumns, (row) => row.files),
    section<SubmittedToFiles, SubmittedToFiles['changes'][number]>(
      'changed_texts',
      [
        t.code('payout', (row) => row.payout),
        t.code('field', (row) => row.field),
        t.text('from', (row) => row.from),
        t.text('to', (row) => row.to),
        t.code('why', (row) => row.why),
      ],
      (row) => row.changes,
    ),
  ],
  previews: true,
  verb: 'submit',
  summary: 'send what is approved: bank files, calls to providers, and the register',
  description:
    'Looks at partners, holds and instruments once more, cancels by name what can no longer be paid (exit code 6) and takes the ' +
    'rest out of the wallets. What is paid to an instrument goes by the rail that pays to it and has a profile (`rail list`): a ' +
    'file for each rail and currency, under a name of its own beside --out, or a call to a provider, whose key is in the books ' +
    'before it is made: what nobody answers stays processing, and `payout resolve` asks for it. A rail whose profile is live ' +
    'wants --live. The rest is paid by hand, from the register: one ' +
    'line a payout, and beside it FILE.control.json with what they must come to. Files appear whole, and only when the books ' +
    'have committed; `payout files` and `payout register` write the same bytes again. Afterwards `payout complete` and `payout ' +
    'fail` say what the bank did. The run or number is typed again, or given by --confirm.',
  parameters: {
    what: runOrPayout('a run, or one payout of it', 'Run to submit:', 'ready'),
    out: option(
      '--out <file>',
      'the register to write, a CSV; or a directory for all files; not where all is called for',
      {
        read: registerFile,
      },
    ),
    live: flag('--live', 'money may move: what goes by a rail in live mode is sent'),
    confirm: confirmOption(),
  },
  examples: [
    whenApproved('payout submit 1 --out register.csv --confirm 1'),
    whenApproved('payout submit P00000001A --out register.csv --confirm P00000001A'),
    whenApproved('payout submit 1 --out register.csv --dry-run'),
  ],
  async prepare(invocation, { what, out, confirm, live }) {
    const ctx = await invocation.context();
    const ready = await payoutsBefore(ctx, what, 'processing');
    const { asker } = invocation;
    const asked =
      out === undefined && asker !== null && (await leaveInFiles(ctx, what))
        ? registerFile(
            await asker.text({
              message: 'Register file, or a directory:',
              check: (text) => complaintOf(() => registerFile(text)),
            }),
          )
        : out;
    await confirmTyped(invocation, confirmedBy(what), confirm, `Submit ${said(totalsOf(ready), 'sent')}.`);
    return { what, out: asked, confirm, live };
  },
  run: async (ctx, { what, out, live }, _say, path) =>
    await submitToFiles(ctx, what, out === undefined ? null : path(out), { live }),
  done: ({ submitted, file, railFiles, sent }) => {
    if (submitted.length === 0) return 'nothing was left to submit';
    const byHand = file === null ? [] : [`pay what ${file} says`];
    const handIn = railFiles.length === 0 ? [] : [`hand in ${railFiles.join(', ')}`];
    const called = sent.length === 0 ? [] : [`sent ${sent.length} to providers`];
    return [`submitted ${submitted.length}`, ...called, ...handIn, ...byHand].join('; ');
  },
  partly: partlySubmitted,
});

/** What was submitted has been printed by then; this says what was not, and ends with exit code 6. */
function partlySubmitted({ submitted, cancelled, sent }: SubmittedToFiles, dryRun: boolean): PartialError | null {
  if (cancelled.length === 0) return notArrived(sent);
  const lines = cancelled.map(({ number, partner, reason }) => `  ${number} of ${partner}: ${reason}`);
  const message = `${cancelled.length} of ${submitted.length + cancelled.length} payouts can no longer be paid and ${dryRun ? 'would be' : 'are'} cancelled`;
  return new PartialError('payouts_cancelled', [message, ...lines].join('\n'), {
    hint: 'their entries are free for the next run, once nothing stands in the way',
    details: { submitted, cancelled },
  });
}

/** Of which nobody knows, or which a provider will not pay now or ever. */
function notArrived(sent: SubmittedToFiles['sent']): PartialError | null {
  const left = sent.filter(({ outcome }) => outcome === null || ['unknown', 'refused', 'failed'].includes(outcome));
  if (left.length === 0) return null;
  const lines = left.map(
    ({ number, outcome, code, message }) => `  ${number}: ${outcome ?? 'unknown'}, ${code} ${message}`,
  );
  return new PartialError(
    'payouts_not_arrived',
    [`${left.length} of ${sent.length} payouts were not paid at once`, ...lines].join('\n'),
    {
      hint: 'unknown: `revshare payout resolve` asks; refused: the job retry-payouts tries again; failed: `revshare payout retry`',
      details: { left: left.map(({ number }) => number) },
    },
  );
}
