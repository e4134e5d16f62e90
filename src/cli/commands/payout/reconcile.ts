import { DifferenceError, ExitCode } from '../../../domain/errors.ts';
import { DIFFERENCES } from '../../../domain/reconciliation.ts';
import { REPORT_FORMATS } from '../../../formats/payments/payment-report.ts';
import { foreseeReconciliation, reconcilePayouts } from '../../../services/payout/reconcile-payouts.ts';
import type { ReconciledRecord, ReconciledReport } from '../../../services/payout/reconciled-report.ts';
import { command, type Example } from '../../command.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { printDryRun } from '../../mutation.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { whenCompleted, whenSubmitted } from './example.ts';

const r = columnsOf<ReconciledRecord>();
const columns = [
  r.code('outcome', (row) => row.outcome),
  r.code('kind', (row) => row.kind),
  r.code('payout', (row) => row.payout),
  r.code('partner', (row) => row.partner),
  r.money('amount', (row) => row.amount),
  r.code('currency', (row) => row.currency),
  r.date('date', (row) => row.date),
  r.code('becomes', (row) => row.becomes),
  r.code('matched_by', (row) => row.matchedBy, { detail: true }),
  r.text('reason', (row) => row.reason),
  r.code('bank_reference', (row) => row.bankReference, { detail: true }),
  r.text('name', (row) => row.name, { detail: true }),
  r.text('place', (row) => row.place, { detail: true }),
  r.text('note', (row) => row.note),
];

const PROFILE = `currency = "EUR"
[csv]
delimiter = ";"
encoding = "windows-1252"
[dates]
format = "dd.MM.yyyy"
[decimals]
decimal = ","
group = "."
[columns]
date = "Value date"
amount = "Amount"
ids = ["Purpose"]
reference = "Bank reference"
kind = "Type"
[kinds]
returned = ["Return"]
`;
const statement = (day: string, amount: string) =>
  `Value date;Type;Purpose;Bank reference;Amount\n${day};Transfer;Payout P00000001A;4711;${amount}\n`;
const today = '21.11.2026';
const files = {
  'bank.toml': PROFILE,
  'bank.csv': statement(today, '-12,55'),
  'wrong.csv': statement(today, '-12,54'),
};
const withFiles = (example: Example): Example => ({ ...example, files });

export const reconcile = command({
  verb: 'reconcile',
  summary: "complete, fail or return what a bank's report proves; list what differs",
  description: [
    'Reads a bank statement (camt.053), its notifications (camt.054) and reports in the course of a day (camt.052), each in any ' +
      'version and of what is booked, a status report (pain.002), returns and corrections in NACHA format, a ' +
      "payout report of PayPal, or a bank's CSV by a profile. Records are matched by the number of the payout, or of the file " +
      "that it left in, then by the bank's reference, then by exact amount within five days of the submission, where only one " +
      'payment and one payout fit. What was debited completes, what was rejected fails, what came back frees exactly its ' +
      'lines; a correction opens a change of the instrument, which a second person verifies. A sum may be of several payouts, ' +
      'and a payout of several records, to the cent. Nothing is closed by a guess: the rest is listed (exit code 7) as',
    [
      '  amount_differs   it names a payout, and another amount',
      '  status_differs   it cannot be true of a payout that stands so',
      '  duplicate        the payout has that behind it already',
      '  missing_here     no payout of the books fits',
      '  missing_there    a payout that is with the bank, and not in the report',
    ].join('\n'),
    'and, without a difference, as accepted, correction, known (an earlier report told it), unrelated, or skipped with the ' +
      'reason. The same file twice changes nothing. A file is read whole or refused, by line and column. A profile says how a bank writes its CSV:',
    PROFILE.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    'It may also say heading_line, [columns] debit and credit, currency, name and reason, [kinds] rejected and ignored.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'what the bank or provider reports', { ask: { message: 'File:' } }),
    format: option('--format <format>', 'what it is, where the file does not tell', { choices: REPORT_FORMATS }),
    profile: option('--profile <file>', "how the bank writes its CSV, as TOML; needed for a bank's CSV"),
  },
  mutates: true,
  examples: [
    withFiles(whenSubmitted('payout reconcile bank.csv --profile bank.toml')),
    withFiles(whenSubmitted('payout reconcile bank.csv --profile bank.toml --dry-run')),
    withFiles(whenCompleted('payout reconcile bank.csv --profile bank.toml --json')),
    { ...withFiles(whenSubmitted('payout reconcile wrong.csv --profile bank.toml')), exit: ExitCode.difference },
  ],
  async run(invocation, { file, format, profile }) {
    const ctx = await invocation.context();
    const asked = {
      ...{ file: invocation.path(file), label: file, format },
      ...(profile === undefined ? {} : { profile: { file: invocation.path(profile), label: profile } }),
    };
    if (invocation.asker !== null && !invocation.yes && !invocation.dryRun) {
      const { moved } = await foreseeReconciliation(ctx, asked);
      if (Object.keys(moved).length > 0)
        await confirmRoutine(invocation, `By ${file}, payouts become: ${list(moved)}. Do it?`);
    }
    const report = await reconcilePayouts(ctx, asked);
    const { print } = invocation;
    const machine = print.format === 'json' || print.format === 'ndjson';
    if (!invocation.dryRun || !machine) await printList(print, columns, report.records, ({ payout }) => payout ?? '-');
    if (invocation.dryRun) {
      const records = report.records.map((row) => toRecord(columns, row));
      await printDryRun(invocation, ctx, { ...told(report), records }, file);
    }
    await invocation.note(sayReport(report, invocation.dryRun));
    if (report.differences > 0) throw differing(report);
  },
});

/** What a report came to, without its records. */
function told({ file, sha256, format, reference, account, outcomes, moved, opened, ...rest }: ReconciledReport) {
  const { unchanged, inTransit } = rest;
  return { file, sha256, format, reference, account, outcomes, moved, opened, unchanged, in_transit: inTransit };
}

/** 'bank.csv (bank-csv): 2 matched, 1 unrelated; 2 completed; in transit: 12.55 EUR' */
function sayReport(
  { file, format, outcomes, moved, opened, unchanged, inTransit }: ReconciledReport,
  dryRun: boolean,
): string {
  const moves = list({ ...moved, ...(opened === 0 ? {} : { 'opened for a second person': opened }) });
  const effect =
    moves !== '' ? `${dryRun ? 'would be ' : ''}${moves}` : unchanged ? 'nothing in it is new' : 'proved what is so';
  const transit = inTransit.map(({ sent, currency }) => `${sent} ${currency}`).join(', ');
  const with_ = transit === '' ? 'nothing is in transit' : `in transit: ${transit}`;
  return `${file} (${format}): ${list(outcomes) || 'no record'}; ${effect}; ${with_}`;
}

/** '2 completed, 1 returned' */
function list(counts: object): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function differing({ file, outcomes, differences }: ReconciledReport): DifferenceError {
  const kinds = Object.fromEntries(
    DIFFERENCES.flatMap((one) => (outcomes[one] === undefined ? [] : [[one, outcomes[one]]])),
  );
  return new DifferenceError('report_differs', `${file} and the books differ: ${list(kinds)}`, {
    hint: 'what agrees is done; the list says of the rest where it stands in the file, and why',
    details: { differences, outcomes },
  });
}
