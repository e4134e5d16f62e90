import { ExitCode, PartialError } from '../../../domain/errors.ts';
import { NOTICE_STATUSES } from '../../../domain/notices.ts';
import { listNotices, showNotice, type NoticeDetails, type NoticeRow } from '../../../services/notice/list-notices.ts';
import { isNotSent, noticeName, resendNotice, sendNotices } from '../../../services/notice/send-notices.ts';
import { command, type Command, type Example } from '../../command.ts';
import { ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList, printRow, section } from '../../output/printer.ts';
import { argument, option, wholeNumber } from '../../parameters.ts';

/** A payout that left, and its partner has an address. */
const told = (line: string, exit?: ExitCode): Example => ({
  command: line,
  setup: [
    ...ONE_SHOP,
    TEN_PERCENT,
    'partner update acme --email partners@acme.example --yes',
    'settings set notices on',
    'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-09-05 --id pay-1',
    'job run accrue-commissions --for 2026-09-30',
    'payout generate --cutoff 2026-11-01',
    'payout approve 1 --confirm 1 --actor checker',
    'payout submit 1 --out register.csv --confirm 1',
  ],
  // An example has no mail server.
  ...(exit === undefined ? {} : { exit }),
});

const c = columnsOf<NoticeRow>();
const noticeRows: NounRows<NoticeRow> = {
  noun: 'notice',
  plural: 'notices',
  id: (row) => String(row.id),
  columns: [
    c.code('notice', (row) => String(row.id)),
    c.code('kind', (row) => row.kind),
    c.code('payout', (row) => row.payout),
    c.code('partner', (row) => row.partner),
    c.code('recipient', (row) => row.recipient),
    c.code('status', (row) => row.status),
    c.number('attempts', (row) => row.attempts),
    c.instant('attempted_at', (row) => row.attemptedAt, { aside: true }),
    c.text('message', (row) => row.message),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const list = listCommand({
  ...noticeRows,
  summary: 'list the notices to partners, the latest first',
  filters: {
    status: option('--status <status>', 'that stand so', { choices: NOTICE_STATUSES }),
    partner: option('--partner <code>', 'to this partner'),
  },
  query: async (ctx, filter, page) => await listNotices(ctx, filter, page),
  whenEmpty: '`revshare settings set notices on`, and partners with an e-mail address are written to of their payouts',
  examples: [told('notice list'), told('notice list --status unknown --json')],
});

const readNotice = wholeNumber('ID', 1, Number.MAX_SAFE_INTEGER);
const t = columnsOf<NoticeDetails['tried'][number]>();
const d = columnsOf<NoticeDetails>();
const show = showCommand<NoticeDetails>({
  ...(noticeRows as NounRows<NoticeDetails>),
  columns: [
    ...(noticeRows.columns as NounRows<NoticeDetails>['columns']),
    d.text('subject', (row) => row.subject),
    d.text('text', (row) => row.text),
  ],
  summary: 'show a notice as it is written, and each attempt at sending it',
  argument: argument('ID', 'the notice', { ask: { message: 'Notice:' } }),
  sections: [
    section(
      'tried',
      [
        t.number('attempt', (row) => row.nth),
        t.code('recipient', (row) => row.recipient),
        t.code('outcome', (row) => row.outcome),
        t.text('message', (row) => row.message),
        t.instant('attempted_at', (row) => row.attemptedAt),
        t.actor('attempted_by', (row) => row.createdBy),
      ],
      (row) => row.tried,
    ),
  ],
  find: async (ctx, id) => await showNotice(ctx, readNotice(id)),
  examples: [told('notice show 1')],
});

const send = command({
  verb: 'send',
  summary: 'mail what partners are to be told and have not been',
  description:
    'Hands each notice to the mail server of smtp_url, from mail_from: a claim is written first, so that two who send at once ' +
    'send it once. What the server defers is tried again, a quarter of an hour later and then twice as long each time; what ' +
    'it refuses is not. What may have arrived, because the line was cut or the sender died, stays unknown until a person says ' +
    '`notice resend`. What was not sent ends with exit code 6. With --dry-run the server is not called. The job send-notices ' +
    'does the same by night.',
  parameters: {},
  mutates: true,
  examples: [told('notice send', ExitCode.unavailable), told('notice send --dry-run')],
  async run(invocation) {
    const ctx = await invocation.context();
    const rows = await sendNotices(ctx);
    await printList(invocation.print, noticeRows.columns, rows, noticeRows.id);
    if (rows.length === 0) await invocation.note('no notice waits to be sent');
    if (invocation.dryRun) await invocation.note('dry run: the mail server was not called');
    else refuseUnsent(rows);
  },
});

const resend = command({
  verb: 'resend',
  summary: 'mail a notice once more that was refused, or may not have arrived',
  description:
    'Goes to the address that the partner has now, by the Message-ID that it had, so that whoever gets it twice can tell. What ' +
    'was sent is refused, and so is an attempt of the last 15 minutes that may be under way.',
  parameters: { id: argument('ID', 'the notice', { read: readNotice, ask: { message: 'Notice:' } }) },
  mutates: true,
  examples: [told('notice resend 1', ExitCode.unavailable), told('notice resend 1 --dry-run')],
  async run(invocation, { id }) {
    const ctx = await invocation.context();
    const row = await resendNotice(ctx, id);
    await printRow(invocation.print, noticeRows.columns, row, noticeRows.id);
    if (invocation.dryRun) await invocation.note('dry run: the mail server was not called');
    else refuseUnsent([row]);
  },
});

function refuseUnsent(rows: readonly NoticeRow[]): void {
  const unsent = rows.filter(isNotSent);
  if (unsent.length === 0) return;
  throw new PartialError(
    'notices_unsent',
    [
      `${unsent.length} of ${rows.length} notices were not sent`,
      ...unsent.map((row) => `  ${noticeName(row)}: ${row.status}, ${row.message}`),
    ].join('\n'),
    { hint: 'what is deferred is tried again; the rest by `revshare notice resend ID`' },
  );
}

export const commands: readonly Command[] = [list, show, send, resend];
