import { ACCOUNT_TYPES, type AccountType } from '../../../domain/chart.ts';
import {
  listAccounts,
  listTransfers,
  type AccountBalance,
  type Transfer,
} from '../../../services/ledger/list-ledger.ts';
import { listCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { option } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';

const filters = {
  type: option<AccountType>('--type <type>', 'of this kind', { choices: ACCOUNT_TYPES }),
  partner: option('--partner <code>', 'of this partner'),
  instance: option('--instance <code>', 'at this instance'),
  currency: option('--currency <code>', 'in this currency', { read: (text) => text.trim().toUpperCase() }),
  asOf: option('--as-of <date>', 'posting dates up to this one; or, of an instant, what was posted by then'),
};

const a = columnsOf<AccountBalance>();

export const accounts = listCommand({
  noun: 'account',
  plural: 'accounts',
  verb: 'accounts',
  summary: 'list the accounts of the ledger with what was posted to them',
  description:
    'Lists accounts by their names in the chart, as a journal calls them: a wallet and a receivable for each partner and ' +
    'instance, everything else once per currency. The balance is debit less credit; all of a currency sum to 0.',
  id: (row) => `${row.account} ${row.currency}`,
  columns: [
    a.code('account', (row) => row.account),
    a.code('type', (row) => row.type, { detail: true }),
    a.code('partner', (row) => row.partner, { detail: true }),
    a.code('instance', (row) => row.instance, { detail: true }),
    a.code('currency', (row) => row.currency),
    a.number('transfers', (row) => row.transfers, { aside: true }),
    a.money('debit', (row) => row.debit),
    a.money('credit', (row) => row.credit),
    a.money('balance', (row) => row.balance),
  ],
  filters,
  query: async (ctx, filter, page) => await listAccounts(ctx, filter, page),
  whenEmpty: 'an account is made when something is first posted to it',
  examples: [
    afterAccrual('ledger accounts'),
    afterAccrual('ledger accounts --type wallet --partner acme --as-of 2026-10-31 --json'),
  ],
});

const t = columnsOf<Transfer>();

export const transfers = listCommand({
  noun: 'transfer',
  plural: 'transfers',
  verb: 'transfers',
  summary: 'list the transfers of the ledger, each with both its accounts',
  description:
    'Lists transfers by posting date: one row each, debit and credit and an amount above 0, so that nothing is ever out of ' +
    'balance. With a filter those of which either side is meant.',
  id: (row) => String(row.id),
  columns: [
    t.number('transfer', (row) => row.id),
    t.date('posting_date', (row) => row.date),
    t.code('kind', (row) => row.kind),
    t.code('debit', (row) => row.debit),
    t.code('credit', (row) => row.credit),
    t.money('amount', (row) => row.amount),
    t.code('currency', (row) => row.currency),
    t.number('posting', (row) => row.posting, { detail: true }),
    t.actor('created_by', (row) => row.by, { detail: true }),
    t.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
  filters: { ...filters, kind: option('--kind <kind>', 'that post this: earning, refund, payout_submitted, …') },
  dated: 'posting date',
  query: async (ctx, filter, page, window) => await listTransfers(ctx, filter, page, window),
  whenEmpty: '`revshare job run accrue-commissions` decides and posts what was imported',
  examples: [
    afterAccrual('ledger transfers --period 2026-10'),
    afterAccrual('ledger transfers --type wallet --partner acme --kind earning -o csv'),
  ],
});
