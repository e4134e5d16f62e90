import { parseDate } from '../../../domain/dates.ts';
import { parseTaxId, TAX_MODES, type TaxMode } from '../../../domain/invoices.ts';
import { parseRate } from '../../../domain/rates.ts';
import {
  listTaxModes,
  setTaxMode,
  showTaxMode,
  type PartnerTaxMode,
  type TaxModeHistory,
} from '../../../services/tax-mode/tax-modes.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command, Example } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';

const c = columnsOf<PartnerTaxMode>();

/** Who invoices what is paid to a partner. */
const taxModeRows: NounRows<PartnerTaxMode> = {
  noun: 'tax mode',
  plural: 'tax modes',
  id: (row) => row.partner,
  columns: [
    c.code('partner', (row) => row.partner),
    c.code('mode', (row) => row.mode),
    c.rate('vat', (row) => row.vatPpm),
    c.text('tax_id', (row) => row.taxId),
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
const whenSet = (command: string): Example => ({
  command,
  setup: [...setup, 'tax-mode set acme --mode self_billed --vat 19% --tax-id DE123456789 --from 2026-01-01'],
});
const partner = () =>
  argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } });
const on = option('--on <date>', 'as it is on this day (default today)', { read: parseDate });

const set = mutation({
  rows: taxModeRows,
  verb: 'set',
  summary: 'say who invoices what is paid to a partner, from a day on',
  description:
    'Over [--from, --to), by the day on which the bank pays: self_billed, and each completed payout gets an invoice in ' +
    'sequence, written by us for the partner, with the VAT that its gross includes (119.00 at 19%: net 100.00, VAT 19.00), ' +
    'which is posted from expense to an account of its own; reverse_charge, the same without VAT and with the note that the ' +
    'recipient owes it; none, and the partner writes its own. What is paid is not changed by any of them. Invoices that are ' +
    'written stay as they are.',
  parameters: {
    partner: partner(),
    mode: requiredOption<TaxMode | 'none'>('--mode <mode>', 'who invoices', { choices: [...TAX_MODES, 'none'] }),
    vatPpm: option('--vat <rate>', 'of the net amount, as 19%; of self_billed', { read: (text) => parseRate(text) }),
    taxId: option('--tax-id <number>', 'the tax number of the partner, as it is printed', { read: parseTaxId }),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    withAcme('tax-mode set acme --mode self_billed --vat 19% --tax-id DE123456789 --from 2026-01-01'),
    withAcme('tax-mode set acme --mode reverse_charge --tax-id ATU12345678 --dry-run'),
    whenSet('tax-mode set acme --mode none --from 2027-01-01'),
  ],
  async run(ctx, input, say) {
    const { set: mode, changed } = await setTaxMode(ctx, input);
    if (!changed) say('exactly this is said already: nothing changed');
    return mode;
  },
  done: (row) => `payouts of ${row.partner} are ${row.mode === 'none' ? 'invoiced by itself' : row.mode}`,
});

const list = listCommand({
  ...taxModeRows,
  summary: 'list partners whose invoices are written for them',
  filters: { on },
  paged: false,
  query: async (ctx, filter) => await listTaxModes(ctx, filter.on),
  whenEmpty: 'everybody writes their own; `revshare tax-mode set` says otherwise',
  examples: [whenSet('tax-mode list'), whenSet('tax-mode list --on 2026-10-31 --json')],
});

const show = showCommand<TaxModeHistory, { on: typeof on }>({
  ...taxModeRows,
  summary: 'show who invoices what is paid to a partner, and every version of it',
  argument: partner(),
  options: { on },
  sections: [section('versions', taxModeRows.columns.slice(1), (row) => row.versions)],
  find: async (ctx, code, options) => await showTaxMode(ctx, code, options.on),
  examples: [whenSet('tax-mode show acme'), whenSet('tax-mode show acme --on 2026-10-31 --json')],
});

export const commands: readonly Command[] = [list, show, set];
