import { formatWalletCode, parseWalletCode } from '../../../domain/codes.ts';
import { addDays, parseDate } from '../../../domain/dates.ts';
import {
  listWallets,
  showWallet,
  walletHistory,
  type Wallet,
  type WalletDetails,
  type WalletKind,
  type WalletMovement,
} from '../../../services/wallet/list-wallets.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';
import { credit, debit, recover } from './move.ts';
import { statement } from './statement.ts';
import { writeOff } from './write-off.ts';

const c = columnsOf<Wallet>();

/** What a partner has at one instance in one currency. */
const walletRows: NounRows<Wallet> = {
  noun: 'wallet',
  plural: 'wallets',
  id: formatWalletCode,
  columns: [
    c.code('wallet', formatWalletCode),
    c.code('partner', (row) => row.partner, { detail: true }),
    c.code('instance', (row) => row.instance, { detail: true }),
    c.code('currency', (row) => row.currency, { detail: true }),
    c.money('balance', (row) => row.balance),
    c.money('pending', (row) => row.pending),
    c.money('held', (row) => row.held),
    c.money('approved', (row) => row.approved),
    c.money('payable', (row) => row.payable),
    c.money('in_payout', (row) => row.inPayout, { aside: true }),
    c.money('in_transit', (row) => row.inTransit, { aside: true }),
  ],
};

const MADE_OF =
  'The balance is the ledger’s and made of pending, held, approved (its date has not come), payable now and in_payout ' +
  '(drafted, not sent); in_transit has left it. With --as-of it is what was posted up to that date, as `ledger ' +
  'trial-balance --as-of` has it.';
const asOf = option('--as-of <date>', 'posting dates up to this one; default all', { read: parseDate });
const wallet = argument('PARTNER/INSTANCE/CURRENCY', 'the wallet, as `wallet list` shows it');

const list = listCommand({
  ...walletRows,
  summary: 'list wallets: what partners have, per instance and currency',
  description: `Lists wallets. ${MADE_OF}`,
  filters: {
    partner: option('--partner <code>', 'of this partner'),
    instance: option('--instance <code>', 'at this instance'),
    currency: option('--currency <code>', 'in this currency', { read: (text) => text.trim().toUpperCase() }),
    asOf,
  },
  query: async (ctx, filter, page) => await listWallets(ctx, filter, page),
  whenEmpty: '`revshare job run accrue-commissions` decides and posts what was imported',
  examples: [
    afterAccrual('wallet list'),
    afterAccrual('wallet list --partner acme --as-of 2026-10-31 --json'),
    afterAccrual('wallet list -o id'),
  ],
});

const k = columnsOf<WalletKind>();

const show = showCommand<WalletDetails, { asOf: typeof asOf }>({
  ...walletRows,
  summary: 'show one wallet, and what made its balance',
  description: `Shows one wallet. ${MADE_OF}`,
  argument: wallet,
  options: { asOf },
  sections: [
    section(
      'movements',
      [
        k.code('kind', (row) => row.kind),
        k.code('against', (row) => row.against),
        k.number('transfers', (row) => row.transfers),
        k.money('amount', (row) => row.amount),
      ],
      (row) => row.movements,
    ),
  ],
  find: async (ctx, code, options) => await showWallet(ctx, parseWalletCode(code), options.asOf),
  examples: [
    afterAccrual('wallet show acme/acme-shop/EUR'),
    afterAccrual('wallet show acme/acme-shop/EUR --as-of 2026-10-31'),
  ],
});

const m = columnsOf<WalletMovement>();

const history = listCommand({
  noun: 'movement',
  plural: 'movements',
  verb: 'history',
  summary: 'list what moved a wallet, with the balance after each',
  description:
    'Lists the transfers of a wallet by posting date, each with the balance after it and what it posted: entries of a ' +
    'run, a review, a payout. Dates cut what is shown, not what is summed.',
  id: (row) => String(row.id),
  columns: [
    m.date('posting_date', (row) => row.date),
    m.code('kind', (row) => row.kind),
    m.money('amount', (row) => row.amount),
    m.money('balance', (row) => row.balance),
    m.code('against', (row) => row.against),
    m.text('reference', (row) => row.reference),
    m.number('transfer', (row) => row.id, { detail: true }),
    m.actor('created_by', (row) => row.by, { detail: true }),
    m.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
  filters: { wallet, asOf },
  dated: 'posting date',
  async query(ctx, { wallet: code, asOf: until }, page, { from, to }) {
    const end = until === undefined ? null : addDays(until, 1);
    const first = [to, end].filter((date) => date !== null).sort()[0] ?? null;
    return await walletHistory(ctx, parseWalletCode(code), page, { from, to: first });
  },
  whenEmpty: 'nothing was posted to it on these dates',
  examples: [
    afterAccrual('wallet history acme/acme-shop/EUR'),
    afterAccrual('wallet history acme/acme-shop/EUR --period 2026-10 -o csv'),
  ],
});

export const commands: readonly Command[] = [list, show, history, statement, credit, debit, recover, writeOff];
