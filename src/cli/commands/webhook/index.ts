import { DifferenceError, ExitCode } from '../../../domain/errors.ts';
import { PROVIDERS } from '../../../domain/rail-names.ts';
import { ingestWebhook, isDifferent, type IngestedEvent } from '../../../services/webhook/ingest-webhook.ts';
import { listWebhookEvents, type WebhookEvent } from '../../../services/webhook/list-webhooks.ts';
import { command, type Command } from '../../command.ts';
import { listCommand } from '../../listing.ts';
import { printDryRun } from '../../mutation.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { printRow } from '../../output/printer.ts';
import { argument, option, requiredOption, wholeNumber } from '../../parameters.ts';

const e = columnsOf<IngestedEvent>();
const columns = [
  e.code('provider', (row) => row.provider),
  e.code('event', (row) => row.event),
  e.code('type', (row) => row.type),
  e.code('outcome', (row) => row.outcome),
  e.code('payout', (row) => row.payout),
  e.code('partner', (row) => row.partner),
  e.code('becomes', (row) => row.becomes),
  e.text('note', (row) => row.note),
];

const DEFAULT_TOLERANCE = 300;
const UNSIGNED =
  'Stripe-Signature: t=1795262400,v1=0\n\n{"id":"evt_1","type":"transfer.created","created":1795262400}\n';
const example = (line: string) => ({
  command: line,
  files: { 'event.http': UNSIGNED, 'rail-secrets.toml': '' },
  // Nobody can sign an example.
  exit: ExitCode.unavailable,
});

const ingest = command({
  verb: 'ingest',
  summary: 'take in what a provider told by a webhook, from a file or stdin',
  description: [
    'Reads a request as it came: a line a header, an empty line, and the body to the byte. It is believed if its signature holds: ' +
      'Stripe’s and Razorpay’s by the secret of the webhook, PayPal’s by the certificate that its headers name, which is kept ' +
      'beside the secrets of rails, and the webhook_id in the profile of paypal-payouts. What it tells of a payment completes, ' +
      'fails, returns or holds the payout, by the settling of `payout reconcile`; what may be paid later stays processing. An ' +
      'event that comes again changes nothing, and one that comes late is told to be stale. A difference ends with exit code 7.',
    '  Stripe-Signature: t=1795262400,v1=5257a869…\n\n  {"id":"evt_1","type":"transfer.created", …}',
    'A web server that keeps each request as a file, or hands it on to stdin, is all that is needed to listen.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the request as it came, or - for stdin', { ask: { message: 'File:' } }),
    rail: requiredOption('--rail <provider>', 'who sent it', { choices: PROVIDERS }),
    tolerance: option(
      '--tolerance <seconds>',
      `how old a signature may be, where it is dated (default ${DEFAULT_TOLERANCE})`,
      {
        read: wholeNumber('--tolerance', 0, 315_360_000),
      },
    ),
  },
  mutates: true,
  examples: [
    example('webhook ingest event.http --rail stripe'),
    example('webhook ingest event.http --rail stripe --tolerance 86400 --dry-run'),
  ],
  async run(invocation, { file, rail, tolerance = DEFAULT_TOLERANCE }) {
    const ctx = await invocation.context();
    const source =
      file === '-'
        ? { stdin: invocation.host.io.stdin as AsyncIterable<Buffer> }
        : { file: invocation.path(file), label: file };
    const told = await ingestWebhook(ctx, { provider: rail, source, toleranceSeconds: tolerance });
    if (invocation.dryRun) await printDryRun(invocation, ctx, toRecord(columns, told), told.event);
    else await printRow(invocation.print, columns, told, ({ event }) => event);
    if (isDifferent(told)) throw differing(told);
  },
});

function differing({ event, payout, outcome, note }: IngestedEvent): DifferenceError {
  return new DifferenceError(
    'event_differs',
    `event ${event} and payout ${payout} differ: ${outcome}${note === '' ? '' : `, ${note}`}`,
    {
      hint: '`revshare payout show` tells what the books know; nothing was moved',
    },
  );
}

const w = columnsOf<WebhookEvent>();
const list = listCommand({
  noun: 'event',
  plural: 'events',
  id: (row: WebhookEvent) => row.event,
  columns: [
    w.code('provider', (row) => row.provider),
    w.code('event', (row) => row.event),
    w.code('type', (row) => row.type),
    w.code('payout', (row) => row.payout),
    w.code('outcome', (row) => row.outcome),
    w.instant('ingested_at', (row) => row.recordedAt),
    w.actor('ingested_by', (row) => row.createdBy, { detail: true }),
    w.code('sha256', (row) => row.sha256, { detail: true }),
  ],
  summary: 'list the events that providers told, the latest first',
  filters: { rail: option('--rail <provider>', 'of this provider', { choices: PROVIDERS }) },
  query: async (ctx, { rail }, page) => await listWebhookEvents(ctx, { provider: rail, ...page }),
  whenEmpty: '`revshare webhook ingest` takes one in',
  examples: [{ command: 'webhook list' }, { command: 'webhook list --rail stripe --json' }],
});

export const commands: readonly Command[] = [ingest, list];
