import { parseDate } from '../../../domain/dates.ts';
import { settingKind } from '../../../domain/settings.ts';
import { SETTING_KEYS } from '../../../services/settings/list-settings.ts';
import { setSetting } from '../../../services/settings/set-setting.ts';
import { currencyChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { readCurrency } from '../../currency-reading.ts';
import { argument, option } from '../../parameters.ts';
import { oneInstance, ownDays } from './example.ts';
import { settingRows } from './rows.ts';

const values = [
  'approval            at_decision, after_hold or review',
  'hold_days           a number of days, 0 to 3650',
  'review_threshold    an amount with --currency, or none',
  'minimum_payout      an amount with --currency, or none',
  'recovery_share      a rate, as 50%',
  'instrument_cooloff  a number of days, 0 to 3650',
  'fx_max_age_days     a number of days, 0 to 3650',
  'partner_levels      a number, 1 to 15',
  'share_cap           a rate, as 40%, or none',
  'tier_mode           auto, recommend or manual',
  'tier_window         1, 3 or 12 months',
  'tier_grace          evaluations missed in a row, 1 to 120',
  'tier_tenure_months  a number of months, 0 to 120',
  'customer_names      hidden or shown',
  'notices             off or on',
];

export const set = mutation({
  rows: settingRows,
  verb: 'set',
  summary: 'change a setting of the programme, or of an instance, from a day on',
  description: [
    'Says what a setting is over [--from, --to); what it said on those days is retired and kept. The date of an event says ' +
      'which approval, hold days and threshold it is decided under, that of a sale how old its exchange rate may be and what its shares may come to, a cut-off which ' +
      'minimum and share its payouts have, a month-end how its tiers are evaluated. What is decided keeps what it was decided under. An amount is set one currency at a time; the others stay.',
    'With --instance it is said for that one alone and goes there before what the programme says, all currencies together; ' +
      'the value none takes it back. Approval, hold days, threshold and recovery share may be an instance’s own.',
    values.map((line) => `  ${line}`).join('\n'),
  ].join('\n\n'),
  parameters: {
    key: argument('KEY', 'the setting', { choices: SETTING_KEYS, ask: { message: 'Setting:' } }),
    value: argument('VALUE', 'what it is to be', { ask: { message: 'What it is to be:' } }),
    currency: option('--currency <code>', 'of an amount, ISO 4217', {
      read: readCurrency,
    }),
    instance: option('--instance <code>', 'for this instance alone'),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  examples: [
    { command: 'settings set hold_days 45 --from 2027-01-01' },
    { command: 'settings set approval after_hold' },
    { command: 'settings set review_threshold 500.00 --currency EUR' },
    { command: 'settings set minimum_payout 50 --currency EUR --from 2026-11-01 --dry-run' },
    { command: 'settings set recovery_share 50%' },
    { command: 'settings set share_cap 40% --from 2027-01-01' },
    { command: 'settings set fx_max_age_days 5' },
    { command: 'settings set hold_days 7 --instance acme-shop', setup: oneInstance },
    { command: 'settings set hold_days none --instance acme-shop', setup: ownDays },
  ],
  async prepare(invocation, input) {
    if (invocation.asker === null || input.currency !== undefined || !settingKind(input.key).amounts) return;
    const choices = await currencyChoices(await invocation.context());
    return { ...input, currency: await invocation.asker.select({ message: 'Currency:', choices }) };
  },
  async run(ctx, input, say) {
    const { setting, changed } = await setSetting(ctx, input);
    if (!changed) say(`${input.key} says exactly this already: nothing changed`);
    return setting;
  },
  done: (row) => `${row.key} is ${[row.value ?? 'not set'].flat().join(', ')} from ${row.from ?? 'ever'} on`,
});
