import { parseAccountCode } from '../../../domain/codes.ts';
import {
  listAccountRevenue,
  listAccounts,
  showAccount,
  type AccountDetails,
  type AccountWithRevenue,
} from '../../../services/account/list-accounts.ts';
import { command, type Command } from '../../command.ts';
import { askedPage, pageParameters, printPage, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, flag, option } from '../../parameters.ts';
import { add } from './add.ts';
import { accountRows, oneShop } from './rows.ts';

const setup = [...oneShop, 'account add acme-shop/C-1042 --name "Jane Roe" --country DE'];

const paid = columnsOf<AccountWithRevenue>();

/** Only where they are asked for: they cost a pass over all events. */
const revenueColumns = [
  paid.number('payments', (row) => row.payments),
  paid.date('last_paid_on', (row) => row.lastPaidOn),
  paid.amounts('revenue', (row) => row.revenue),
];

const list = command({
  verb: 'list',
  summary: 'list accounts',
  parameters: {
    instance: option('--instance <code>', 'only those of this instance'),
    partner: option('--partner <code>', 'only those where this partner earns now'),
    country: option('--country <code>', 'only those from there', { read: (text) => text.trim().toUpperCase() }),
    revenue: flag('--revenue', 'with what each paid so far, less what went back'),
    ...pageParameters,
  },
  examples: [
    { command: 'account list', setup },
    { command: 'account list --instance acme-shop -o csv', setup },
    { command: 'account list --partner acme --revenue', setup },
  ],
  async run(invocation, { revenue, limit, offset, ...filter }) {
    const ctx = await invocation.context();
    const page = askedPage({ limit, offset });
    const whenEmpty = '`revshare account add INSTANCE/CODE` adds one, and `revenue import --create-accounts` many';
    if (revenue) {
      const columns = [...accountRows.columns, ...revenueColumns];
      const rows = await listAccountRevenue(ctx, filter, page);
      return await printPage<AccountWithRevenue>(invocation, { ...accountRows, columns, whenEmpty }, rows, page);
    }
    await printPage(invocation, { ...accountRows, whenEmpty }, await listAccounts(ctx, filter, page), page);
  },
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
