import { DifferenceError, UsageError } from '../../../domain/errors.ts';
import { parseRateSet } from '../../../domain/rate-set.ts';
import { reportBalance, type ReportedAccount } from '../../../services/ledger/report-balance.ts';
import { trialBalance } from '../../../services/ledger/trial-balance.ts';
import { command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ACCRUAL, ONE_PAYMENT, afterAccrual } from '../../example-books.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { option } from '../../parameters.ts';

const b = columnsOf<Omit<ReportedAccount, 'rate' | 'reported'>>();
const columns = [
  b.code('account', (row) => row.account),
  b.code('currency', (row) => row.currency),
  b.money('debit', (row) => row.debit),
  b.money('credit', (row) => row.credit),
  b.money('balance', (row) => row.balance),
];
const r = columnsOf<ReportedAccount & { readonly reportingCurrency: string }>();
const reportedColumns = [
  ...columns,
  r.code('rate', (row) => row.rate),
  r.money('reported', (row) => row.reported),
  r.code('reporting_currency', (row) => row.reportingCurrency),
];

export const balance = command({
  verb: 'trial-balance',
  summary: 'every kind of account per currency; debits equal credits',
  description:
    'By posting dates up to --as-of, inclusive; or, as of an instant, what had been posted by then, which never changes. ' +
    'Debits and credits of each currency are equal by construction; exit code 7 if they are not. With --in every balance is ' +
    'told in that currency, too, at the --rates that are named, and at no others: those that serve on a day (`fx rate`), of ' +
    'whoever said them last or of one source, as ECB@2026-10-30, as known now or at a change, as ECB@2026-10-30#17, which is ' +
    'how the set is told back. Each line is rounded once; what that leaves is a line of its own.',
  parameters: {
    asOf: option('--as-of <date>', 'posting dates up to this one; or, of an instant, what was posted by then'),
    currency: option('--in <currency>', 'every balance in this currency, too', { read: readCurrency }),
    rates: option('--rates <set>', 'at these: [SOURCE@]DATE[#CHANGE]', { read: parseRateSet }),
  },
  examples: [
    afterAccrual('ledger trial-balance'),
    afterAccrual('ledger trial-balance --as-of 2026-10-31 --json'),
    afterAccrual('ledger trial-balance --as-of 2026-11-01T09:00:00Z'),
    {
      command: 'ledger trial-balance --in USD --rates ECB@2026-10-30',
      setup: [...ONE_PAYMENT, ACCRUAL, 'fx import rates.csv'],
      files: { 'rates.csv': 'date,base,quote,rate,source\n2026-10-30,EUR,USD,1.0853,ECB\n' },
    },
  ],
  async run(invocation, { asOf, currency, rates }) {
    if ((currency === undefined) !== (rates === undefined)) {
      throw new UsageError('rates_unnamed', 'a balance is told in another currency at rates that are named', {
        hint: 'give --in and --rates, as --in USD --rates ECB@2026-10-30',
      });
    }
    const ctx = await invocation.context();
    const found = await trialBalance(ctx, asOf ?? null);
    const id = (row: { readonly account: string; readonly currency: string }) => `${row.account} ${row.currency}`;
    if (currency === undefined || rates === undefined) {
      await printList(invocation.print, columns, found.accounts, id);
    } else {
      const reported = await reportBalance(ctx, found, { currency, rates });
      const rows = reported.accounts.map((row) => ({ ...row, reportingCurrency: currency }));
      await printList(invocation.print, reportedColumns, rows, id);
      await invocation.note(`in ${currency} at the rates ${reported.rates}`);
    }
    const wrong = found.differences.filter(({ difference }) => !/^-?[0.]+$/.test(difference));
    if (wrong.length > 0) {
      const said = wrong.map(({ difference, currency: code }) => `${difference} ${code}`).join(', ');
      throw new DifferenceError('trial_balance', `debits and credits differ by ${said}`, {
        hint: 'run `revshare doctor` and post nothing until it is understood',
      });
    }
    const currencies = found.differences.map(({ currency: code }) => code).join(', ');
    if (currencies !== '') await invocation.note(`debits equal credits in ${currencies}`);
  },
});
