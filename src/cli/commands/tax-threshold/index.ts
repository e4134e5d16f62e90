import { TAX_FORMS, type TaxForm } from '../../../domain/tax-forms.ts';
import { listThresholds, setThreshold, type TaxThreshold } from '../../../services/tax/thresholds.ts';
import type { Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, option, orNone, readText, requiredOption, wholeNumber } from '../../parameters.ts';
import { UsageError } from '../../../domain/errors.ts';

const c = columnsOf<TaxThreshold>();

/** From which total of a tax year partners are reported. */
const thresholdRows: NounRows<TaxThreshold> = {
  noun: 'threshold',
  plural: 'thresholds',
  id: (row) => row.report ?? '',
  columns: [
    c.code('report', (row) => row.report),
    c.code('form', (row) => row.form),
    c.money('amount', (row) => row.amount),
    c.code('currency', (row) => row.currency),
    c.number('from', (row) => row.from),
    c.number('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq, { detail: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

const year = (name: string) => wholeNumber(name, 1900, 2999);

const set = mutation({
  rows: thresholdRows,
  verb: 'set',
  summary: 'say from which total of a tax year partners are reported',
  description:
    'Says for tax years [--from, --to) from which paid total on, at least, a partner is reported: `tax export` then tells of ' +
    'each whether it was reached. With --form it is for partners with that form on file at the end of the year, and goes ' +
    'before one that is for all. The law changes such amounts: say the new one from its year on, and the old years stay.',
  parameters: {
    report: argument<string>('REPORT', 'what is filed: 1099-nec, 1042-s', { read: readReport }),
    amount: requiredOption('--amount <amount>', 'total from which it is filed; none: nobody is reported', {
      read: orNone((text) => readText(text, '--amount')),
    }),
    currency: requiredOption('--currency <code>', 'of the amount, and of the payouts', { read: readCurrency }),
    form: option<TaxForm>('--form <form>', 'for partners with this form on file; default all', { choices: TAX_FORMS }),
    from: requiredOption('--from <year>', 'first tax year', { read: year('--from') }),
    to: option('--to <year>', 'first tax year in which it is no longer so; default never', { read: year('--to') }),
  },
  previews: true,
  examples: [
    { command: 'tax-threshold set 1099-nec --amount 600 --currency USD --form w9 --from 2020 --to 2026' },
    { command: 'tax-threshold set 1099-nec --amount 2000 --currency USD --form w9 --from 2026' },
    { command: 'tax-threshold set dac7 --amount 2000 --currency EUR --from 2023 --dry-run' },
  ],
  async run(ctx, { form = null, ...input }, say) {
    const { threshold, changed } = await setThreshold(ctx, { ...input, form });
    if (!changed) say('exactly this is said already: nothing changed');
    return threshold;
  },
  done: (row) =>
    row.amount === null
      ? `nobody is reported for payouts in ${row.currency} in those years`
      : `partners are reported from ${row.amount} ${row.currency} on, from ${row.from} on`,
});

/** A code, for it stands in exports. @throws UsageError `report_invalid` */
function readReport(text: string): string {
  const code = text.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]{0,40}$/.test(code)) return code;
  throw new UsageError('report_invalid', `REPORT '${text.slice(0, 60)}' is no name of a report`, {
    hint: 'letters, digits, . _ and -, as 1099-nec',
  });
}

const list = listCommand({
  ...thresholdRows,
  summary: 'list from which totals partners are reported, by currency, form and year',
  filters: {},
  paged: false,
  query: async (ctx) => await listThresholds(ctx),
  whenEmpty: 'nothing is said; `revshare tax-threshold set` says it',
  examples: [
    {
      command: 'tax-threshold list',
      setup: ['tax-threshold set 1099-nec --amount 2000 --currency USD --form w9 --from 2026'],
    },
  ],
});

export const commands: readonly Command[] = [list, set];
