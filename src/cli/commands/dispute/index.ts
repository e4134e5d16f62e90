import { DISPUTE_STATUSES, parseDisputeNumber } from '../../../domain/disputes.ts';
import { UsageError } from '../../../domain/errors.ts';
import {
  listDisputes,
  openDispute,
  resolveDispute,
  showDispute,
  type Dispute,
} from '../../../services/dispute/disputes.ts';
import type { Command, Example } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT, afterAccrual } from '../../example-books.ts';
import { exportCommand } from '../../export-command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, flag, option, requiredOption } from '../../parameters.ts';

const c = columnsOf<Dispute>();

/** A hold of an entry that somebody disputes, and what became of it. */
const disputeRows: NounRows<Dispute> = {
  noun: 'dispute',
  plural: 'disputes',
  id: (row) => String(row.id),
  columns: [
    c.number('dispute', (row) => row.id),
    c.code('entry', (row) => row.entry),
    c.code('partner', (row) => row.partner),
    c.code('instance', (row) => row.instance),
    c.text('account', (row) => row.account, { aside: true }),
    c.text('event', (row) => row.event, { detail: true }),
    c.code('source', (row) => row.source, { detail: true }),
    c.text('sale_ref', (row) => row.saleRef, { detail: true }),
    c.code('kind', (row) => row.kind, { detail: true }),
    c.money('amount', (row) => row.amount),
    c.code('currency', (row) => row.currency),
    c.code('status', (row) => row.status),
    c.text('reason', (row) => row.reason),
    c.text('resolution', (row) => row.resolution, { aside: true }),
    c.actor('opened_by', (row) => row.openedBy, { detail: true }),
    c.instant('opened_at', (row) => row.openedAt, { detail: true }),
    c.actor('resolved_by', (row) => row.resolvedBy, { detail: true }),
    c.instant('resolved_at', (row) => row.resolvedAt, { detail: true }),
  ],
};

const whenOpen = (command: string): Example => ({
  command,
  setup: [...ONE_PAYMENT, ACCRUAL, 'dispute open 1.0 --reason "customer says it never signed"'],
});
const NUMBER = 'the dispute, as `dispute list` shows it';
const ask = { message: 'Dispute:' };

const open = mutation({
  rows: disputeRows,
  previews: true,
  verb: 'open',
  summary: 'dispute an entry: it is paid to nobody until that is resolved',
  description:
    'Holds the entry for a dispute, beside whatever its status is; `commission hold --reason dispute` does the same of many. ' +
    'A payout that is drafted with it is cancelled when it is submitted. The partner’s statement shows the hold from that ' +
    'day on, until it is resolved.',
  parameters: {
    entry: argument('ENTRY', 'EVENT.LEG, as `commission list` shows it', { ask: { message: 'Entry (1042.0):' } }),
    reason: requiredOption('--reason <text>', 'what is disputed, for the record', { ask: { message: 'Reason:' } }),
  },
  examples: [
    afterAccrual('dispute open 1.0 --reason "customer says it never signed"'),
    afterAccrual('dispute open 1.0 --reason "customer says it never signed" --dry-run'),
  ],
  run: async (ctx, input) => await openDispute(ctx, input),
  done: (row) => `dispute ${row.id}: ${row.amount} ${row.currency} of ${row.partner} are held`,
});

const resolve = mutation({
  rows: disputeRows,
  previews: true,
  verb: 'resolve',
  summary: 'end a dispute: release what is held, or reject it',
  description:
    '--release lifts the hold, and the entry is paid after all; --reject takes it back out of the wallet, with the refunds of ' +
    'it, as `commission reject` does. Other holds stay. Either way the dispute keeps who opened and who resolved it, and why.',
  parameters: {
    number: argument('NUMBER', NUMBER, { read: parseDisputeNumber, ask }),
    release: flag('--release', 'it is owed: pay it'),
    reject: flag('--reject', 'it is not owed: take it back'),
    note: requiredOption('--note <text>', 'what was found, for the record', { ask: { message: 'What was found:' } }),
  },
  examples: [
    whenOpen('dispute resolve 1 --release --note "the contract is signed"'),
    whenOpen('dispute resolve 1 --reject --note "there is no contract" --dry-run'),
  ],
  async run(ctx, { number: id, release, reject, note }) {
    if (release === reject) {
      throw new UsageError('outcome_unclear', 'a dispute is released or rejected: say which', {
        hint: 'give --release or --reject, and not both',
      });
    }
    return await resolveDispute(ctx, { id, outcome: reject ? 'rejected' : 'released', note });
  },
  done: (row) => `dispute ${row.id} is ${row.status}: ${row.amount} ${row.currency} of ${row.partner}`,
});

const list = listCommand({
  ...disputeRows,
  filters: {
    partner: option('--partner <code>', 'of this partner’s earnings'),
    instance: option('--instance <code>', 'of this instance'),
    status: option('--status <status>', 'in this status', { choices: DISPUTE_STATUSES }),
  },
  query: async (ctx, filter, page) => await listDisputes(ctx, filter, page),
  whenEmpty: '`revshare dispute open` opens one',
  examples: [whenOpen('dispute list --status open'), whenOpen('dispute list --partner acme -o csv')],
});

const show = showCommand({
  ...disputeRows,
  argument: argument<string>('NUMBER', NUMBER, { ask }),
  find: async (ctx, number) => await showDispute(ctx, parseDisputeNumber(number)),
  examples: [whenOpen('dispute show 1'), whenOpen('dispute show 1 --json')],
});

const exportDisputes = exportCommand({
  name: 'dispute',
  summary: 'write the disputes that were opened in a period, and what became of them',
  rows: 'One row a dispute, by the day on which it was opened.',
  dated: 'days of opening',
  statuses: DISPUTE_STATUSES,
  examples: [
    whenOpen('dispute export --period 2026 --out disputes.csv'),
    whenOpen('dispute export --period 2026 --status open --out -'),
  ],
});

export const commands: readonly Command[] = [open, resolve, list, show, exportDisputes];
