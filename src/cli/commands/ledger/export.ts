import { EXPORT_FORMATS, type ExportFormat } from '../../../services/export/schema.ts';
import { ledgerPeriod } from '../../../services/ledger/ledger-period.ts';
import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { dialectOf, dialectParameters, printExport } from '../../export-command.ts';
import { option, requiredOption } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';

export const exportCommand = command({
  verb: 'export',
  summary: 'write the ledger as a journal for hledger, ledger or beancount, or as rows',
  description:
    'One balanced transaction a transfer, accounts named by the chart: liabilities:wallets:PARTNER:INSTANCE, ' +
    'expenses:commission, assets:cash, … What the journal’s balance says of an account and currency is what `ledger ' +
    'accounts` says. beancount wants capitals and no underscores: Liabilities:Wallets:Acme:Acme-shop. Of a --period only ' +
    'what it posted; with --to everything before it. Beside the file stands its manifest, for `export verify` and `export ' +
    'repeat`; with --out - the journal goes to stdout, and there is no manifest.',
  parameters: {
    format: requiredOption<ExportFormat>('--format <format>', 'how it is written', { choices: EXPORT_FORMATS }),
    out: requiredOption('--out <file>', 'the file to write, or - for stdout'),
    period: option('--period <period>', 'posting dates: 2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    to: option('--to <date>', 'everything up to, not including, this posting date; default all', { read: parseDate }),
    partner: option('--partner <code>', 'what touches an account of this partner'),
    instance: option('--instance <code>', 'what touches an account of this instance'),
    currency: option('--currency <code>', 'in this currency', { read: readCurrency }),
    ...dialectParameters,
    asOf: option('--as-of <date>', 'the books as of this date or instant; default now'),
  },
  examples: [
    afterAccrual('ledger export --format hledger --out books.journal'),
    afterAccrual('ledger export --format beancount --to 2026-11-01 --out books.beancount'),
    afterAccrual('ledger export --format csv --period 2026-10 --out october.csv'),
    afterAccrual('ledger export --format hledger --out -'),
  ],
  async run(invocation, { format, out, period, to, excel, locale, asOf = null, ...selection }) {
    if (period !== undefined && to !== undefined) {
      throw new UsageError('period_twice', '--period already says from when and to when', { hint: 'leave out --to' });
    }
    const ctx = await invocation.context();
    const { label } = await ledgerPeriod(ctx, { period, to });
    const asked = { ...selection, period: label, format, dialect: dialectOf(format, { excel, locale }), asOf };
    await printExport(invocation, ctx, { name: 'ledger', asked, out, plural: 'transfers' });
  },
});
