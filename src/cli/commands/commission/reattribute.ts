import { parseAccountCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { parseRate, WHOLE_PPM } from '../../../domain/rates.ts';
import { askForReattribution } from '../../../services/attribution/reattribute-account.ts';
import { argument, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';

export const reattribute = requestCommand({
  verb: 'reattribute',
  summary: 'ask to give an account to other partners from a date on',
  description:
    'Asks to give an account, alone or in shares, to other partners. Sales from the date on are theirs: those to come, and ' +
    'those decided already, which are rated again; each difference posts as an entry of its own, to whoever loses it and ' +
    'to whoever gains it. It always waits for a second person.',
  parameters: {
    account: argument('INSTANCE/CODE', 'the account', { read: parseAccountCode }),
    to: requiredOption('--to <partners>', 'PARTNER, or PARTNER=SHARE,… with shares that come to 100%', {
      read: readShares,
    }),
    from: requiredOption('--from <date>', 'the first sale date that is theirs', { read: parseDate }),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    {
      command:
        'commission reattribute acme-shop/C-1 --to zenith --from 2026-10-01 --reason "zenith looks after them now"',
      setup: twoPartners(),
    },
    {
      command:
        'commission reattribute acme-shop/C-1 --to acme=60%,zenith=40% --from 2026-10-01 --reason "shared from October" --dry-run',
      setup: twoPartners(),
    },
  ],
  run: async (ctx, input) => await askForReattribution(ctx, input),
});

function readShares(text: string): { partner: string; sharePpm: number }[] {
  return text.split(',').map((part) => {
    const [partner = '', share] = part.trim().split('=');
    return { partner, sharePpm: share === undefined ? WHOLE_PPM : parseRate(share) };
  });
}

function twoPartners(): string[] {
  return [
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name "Acme Resale" --type reseller --currency EUR',
    'partner create zenith --name Zenith --type affiliate --currency EUR',
    'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
    'account add acme-shop/C-1',
    'rule set --scope programme --percentage 10% --from 2026-01-01',
    'revenue record --instance acme-shop --account C-1 --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
    'job run accrue-commissions --for 2026-10-31',
  ];
}
