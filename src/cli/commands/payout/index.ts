import { parseRunNumber } from '../../../domain/payout-number.ts';
import { PAYOUT_STATUSES } from '../../../domain/payout-status.ts';
import { listPayoutRuns } from '../../../services/payout/list-runs.ts';
import { listPayouts } from '../../../services/payout/show-payout.ts';
import type { Command } from '../../command.ts';
import { listCommand } from '../../listing.ts';
import { readCurrency } from '../../currency-reading.ts';
import { option } from '../../parameters.ts';
import { approve } from './approve.ts';
import { calendar } from './calendar.ts';
import { whenDrafted } from './example.ts';
import { exportPayouts } from './export.ts';
import { files } from './files.ts';
import { forecast } from './forecast.ts';
import { generate, retry } from './generate.ts';
import { reconcile } from './reconcile.ts';
import { register } from './register.ts';
import { payoutRows, runRows } from './rows.ts';
import { cancel, complete, fail, returned, unclaimed } from './settle.ts';
import { resolve } from './resolve.ts';
import { show } from './show.ts';
import { submit } from './submit.ts';
import { whyNot } from './why-not.ts';

const list = listCommand({
  ...payoutRows,
  filters: {
    run: option('--run <n>', 'of this run', { read: parseRunNumber }),
    status: option('--status <status>', 'in this status', { choices: PAYOUT_STATUSES }),
    partner: option('--partner <code>', 'to this partner'),
    currency: option('--currency <code>', 'in this currency', {
      read: readCurrency,
    }),
  },
  dated: 'cut-off',
  query: async (ctx, { status, ...filter }, page, window) =>
    await listPayouts(ctx, { ...filter, ...(status === undefined ? {} : { statuses: [status] }), ...window, ...page }),
  whenEmpty: '`revshare payout generate` drafts some',
  examples: [
    whenDrafted('payout list --partner acme'),
    whenDrafted('payout list --status pending --period 2026 -o csv'),
  ],
});

const runs = listCommand({
  ...runRows,
  verb: 'runs',
  summary: 'list runs: totals, who made and who approved them, where they stand',
  filters: {
    status: option('--status <status>', 'with a payout in this status; pending: still to be approved', {
      choices: PAYOUT_STATUSES,
    }),
  },
  dated: 'cut-off',
  query: async (ctx, filter, page, window) => await listPayoutRuns(ctx, { ...filter, ...window, ...page }),
  whenEmpty: '`revshare payout generate` drafts one',
  examples: [whenDrafted('payout runs'), whenDrafted('payout runs --status pending -o id')],
});

export const commands: readonly Command[] = [
  ...[generate, list, runs, show, approve, submit, files, register, calendar, forecast],
  ...[complete, fail, unclaimed, returned, cancel, reconcile, resolve, retry, whyNot, exportPayouts],
];
