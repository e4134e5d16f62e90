import { parseDate } from '../../../domain/dates.ts';
import { payoutCalendar, type ScheduledPayout } from '../../../services/payout/payout-calendar.ts';
import { listCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { option, wholeNumber } from '../../parameters.ts';
import { whenScheduled } from './example.ts';

const c = columnsOf<ScheduledPayout>();
const DEFAULT_COUNT = 6;

export const calendar = listCommand({
  noun: 'payout',
  plural: 'scheduled payouts',
  id: (row) => row.cutoff,
  columns: [
    c.date('cutoff', (row) => row.cutoff),
    c.date('review_until', (row) => row.reviewUntil),
    c.date('submit_on', (row) => row.submitOn),
    c.code('frequency', (row) => row.frequency),
    c.code('partner', (row) => row.partner),
  ],
  verb: 'calendar',
  summary: 'when the next payouts are cut off, reviewed and submitted',
  description:
    'By the schedule of the programme, or with --partner by its own where it has one. What happened before the cut-off is in ' +
    'it; dates of review and submission are rolled forward to business days of the schedule’s calendar and of `holiday list`.',
  filters: {
    partner: option('--partner <code>', 'of this partner'),
    from: option('--from <date>', 'submitted on this day or later (default today)', { read: parseDate }),
    count: option('--count <n>', `how many (default ${DEFAULT_COUNT})`, { read: wholeNumber('--count', 1, 100) }),
  },
  paged: false,
  query: async (ctx, { count = DEFAULT_COUNT, ...filter }) => await payoutCalendar(ctx, { ...filter, count }),
  whenEmpty: '`revshare schedule set` says when partners are paid',
  examples: [whenScheduled('payout calendar'), whenScheduled('payout calendar --partner acme --count 3 --json')],
});
