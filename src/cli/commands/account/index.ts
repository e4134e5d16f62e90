import { parseAccountCode } from '../../../domain/codes.ts';
import { listAccounts, showAccount, type AccountDetails } from '../../../services/account/list-accounts.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { add } from './add.ts';
import { accountRows, oneShop } from './rows.ts';

const setup = [...oneShop, 'account add acme-shop/C-1042 --name "Jane Roe" --country DE'];

const list = listCommand({
  ...accountRows,
  filters: {
    instance: option('--instance <code>', 'only those of this instance'),
    partner: option('--partner <code>', 'only those where this partner earns now'),
    country: option('--country <code>', 'only those from there', { read: (text) => text.trim().toUpperCase() }),
  },
  query: async (ctx, filter, page) => await listAccounts(ctx, filter, page),
  whenEmpty: '`revshare account add INSTANCE/CODE` adds one, and `revenue import --create-accounts` many',
  examples: [
    { command: 'account list', setup },
    { command: 'account list --instance acme-shop -o csv', setup },
  ],
});

const share = columnsOf<AccountDetails['attribution'][number]>();

const show = showCommand<AccountDetails>({
  ...accountRows,
  description:
    'Shows an account, and who shares it from when; without shares whoever has the agreement earns all of it.',
  argument: argument<string>('INSTANCE/CODE', 'the account'),
  sections: [
    section(
      'attribution',
      [
        share.code('partner', (row) => row.partner),
        share.rate('share', (row) => row.sharePpm),
        share.date('from', (row) => row.valid.from),
        share.date('to', (row) => row.valid.to),
        share.number('known_seq', (row) => row.knownSeq),
      ],
      (row) => row.attribution,
    ),
  ],
  find: async (ctx, code) => await showAccount(ctx, parseAccountCode(code)),
  examples: [{ command: 'account show acme-shop/C-1042', setup }],
});

export const commands: readonly Command[] = [add, list, show];
