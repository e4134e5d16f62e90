import { parseDate } from '../../../domain/dates.ts';
import { parseRate } from '../../../domain/rates.ts';
import { TAX_FORMS } from '../../../domain/tax-forms.ts';
import {
  listDeductions,
  setDeductions,
  showDeductions,
  type DeductionHistory,
  type DeductionTerms,
} from '../../../services/deduction/deductions.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command, Example } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, orNone, readText } from '../../parameters.ts';

const c = columnsOf<DeductionTerms>();

/** What is taken off payouts; without a partner: of whoever says nothing for itself. */
const deductionRows: NounRows<DeductionTerms> = {
  noun: 'deduction',
  plural: 'deductions',
  id: (row) => row.partner ?? '',
  columns: [
    c.code('partner', (row) => row.partner),
    c.code('form', (row) => row.form),
    c.rate('withholding', (row) => row.withholdingPpm),
    c.amounts('fees', (row) => row.fees),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq, { detail: true }),
    c.number('retired_seq', (row) => row.retiredSeq, { detail: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

const setup = ['partner create acme --name "Acme Resale" --type reseller --currency EUR'];
const withAcme = (command: string): Example => ({ command, setup });
const on = option('--on <date>', 'as it is on this day (default today)', { read: parseDate });

const set = mutation({
  rows: deductionRows,
  verb: 'set',
  summary: 'say what is withheld of payouts, and what a transfer costs, from a day on',
  description:
    'Says over [--from, --to) what is taken off payouts by their cut-off: tax, withheld of the gross and rounded once a ' +
    'payout, and the fee of a transfer. Without --partner it is of whoever says nothing for itself: the rate is then that of ' +
    'partners without a tax form on file. A partner’s own word goes before; with --form on file and no rate of its own it is ' +
    'withheld nothing. What is not given stays; none takes it away. Runs that are made keep what they went by.',
  parameters: {
    partner: option('--partner <code>', 'for this partner alone'),
    form: option('--form <form>', 'the tax form that it has on file', { choices: [...TAX_FORMS, 'none'] }),
    withholdingPpm: option('--withhold <rate>', 'of the gross, as 24%', { read: orNone((text) => parseRate(text)) }),
    fee: option('--fee <amount>', 'what a transfer costs', { read: orNone((text) => readText(text, '--fee')) }),
    currency: option('--currency <code>', "of the fee; default the partner's", { read: readCurrency }),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    { command: 'deduction set --withhold 24% --from 2026-01-01' },
    { command: 'deduction set --fee 1.50 --currency EUR' },
    withAcme('deduction set --partner acme --form w9 --from 2026-01-01 --to 2030-01-01'),
    withAcme('deduction set --partner acme --form w8ben --withhold 10% --dry-run'),
  ],
  async run(ctx, { form: typed, ...input }, say) {
    const form = typed === 'none' ? null : (TAX_FORMS.find((one) => one === typed) ?? undefined);
    const { terms, changed } = await setDeductions(ctx, { ...input, form });
    if (!changed) say('exactly this is taken off already: nothing changed');
    return terms;
  },
  done: (row) =>
    `what is taken off ${row.partner === null ? 'payouts' : `payouts of ${row.partner}`} holds from ${row.from ?? 'ever'} on`,
});

const list = listCommand({
  ...deductionRows,
  summary: 'list what is taken off payouts: for all, and by partner',
  filters: { on },
  paged: false,
  query: async (ctx, filter) => await listDeductions(ctx, filter.on),
  whenEmpty: 'nothing is taken off; `revshare deduction set` says what',
  examples: [{ command: 'deduction list' }, { command: 'deduction list --on 2026-10-31 --json' }],
});

const show = showCommand<DeductionHistory, { on: typeof on }>({
  ...deductionRows,
  summary: 'show what a partner says for itself, and every version of it',
  argument: argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } }),
  options: { on },
  sections: [section('versions', deductionRows.columns.slice(1), (row) => row.versions)],
  find: async (ctx, code, options) => await showDeductions(ctx, code, options.on),
  examples: [withAcme('deduction show acme'), withAcme('deduction show acme --on 2026-10-31 --json')],
});

export const commands: readonly Command[] = [list, show, set];
