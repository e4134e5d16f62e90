import { CALENDARS } from '../../../domain/business-days.ts';
import { parseDate } from '../../../domain/dates.ts';
import { FREQUENCIES } from '../../../domain/payout-schedule.ts';
import { listSchedules, setSchedule, type Schedule } from '../../../services/schedule/schedules.ts';
import type { Command } from '../../command.ts';
import { listCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, option, wholeNumber } from '../../parameters.ts';

const c = columnsOf<Schedule>();

/** When partners are paid; without a partner: whoever has no schedule of its own. */
const scheduleRows: NounRows<Schedule> = {
  noun: 'schedule',
  plural: 'schedules',
  id: (row) => row.partner ?? '',
  columns: [
    c.code('partner', (row) => row.partner),
    c.code('frequency', (row) => row.frequency),
    c.date('anchor', (row) => row.anchor),
    c.number('review_days', (row) => row.reviewDays),
    c.number('net_days', (row) => row.netDays),
    c.code('calendar', (row) => row.calendar),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('known_seq', (row) => row.knownSeq, { detail: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

const setup = ['partner create acme --name "Acme Resale" --type reseller --currency EUR'];

const set = mutation({
  rows: scheduleRows,
  verb: 'set',
  summary: 'say how often partners are paid, from a day on',
  description:
    'Says over [--from, --to) on which days periods are cut off: Mondays, every fourteenth day from --anchor, firsts and ' +
    'sixteenths, firsts of months or of quarters; for how many days after it a run is reviewed, and after how many it is ' +
    'submitted (NET-n), both rolled forward to business days. Without --partner it is of whoever has none of its own. ' +
    '`payout calendar` shows the dates, `payout generate --due` drafts a run of whoever closes on its cut-off.',
  parameters: {
    frequency: argument('FREQUENCY', 'how often', { choices: FREQUENCIES, ask: { message: 'How often:' } }),
    partner: option('--partner <code>', 'for this partner alone'),
    anchor: option('--anchor <date>', 'a cut-off of a biweekly schedule', { read: parseDate }),
    netDays: option('--net <days>', 'days from the cut-off to submission (default 0)', {
      read: wholeNumber('--net', 0, 180),
    }),
    reviewDays: option('--review <days>', 'days from the cut-off to the end of the review (default those of --net)', {
      read: wholeNumber('--review', 0, 180),
    }),
    calendar: option('--calendar <name>', 'which days are business days (default weekdays)', { choices: CALENDARS }),
    from: option('--from <date>', "first cut-off; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first cut-off it no longer says; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    { command: 'schedule set monthly --net 10 --review 5 --calendar target --from 2026-12-01' },
    { command: 'schedule set biweekly --anchor 2026-11-02 --net 3 --partner acme', setup },
    { command: 'schedule set weekly --dry-run' },
  ],
  async run(ctx, input, say) {
    const { schedule, changed } = await setSchedule(ctx, input);
    if (!changed) say('the schedule says exactly this already: nothing changed');
    return schedule;
  },
  done: (row) =>
    `${row.partner === null ? 'partners are' : `${row.partner} is`} paid ${row.frequency} from ${row.from ?? 'ever'} on; \`revshare payout calendar\` shows when`,
});

const list = listCommand({
  ...scheduleRows,
  summary: 'list when partners are paid: all of them, and who has a schedule of its own',
  filters: { on: option('--on <date>', 'as it is on this day (default: from today on)', { read: parseDate }) },
  paged: false,
  query: async (ctx, filter) => await listSchedules(ctx, filter.on),
  whenEmpty: '`revshare schedule set` says when partners are paid',
  examples: [{ command: 'schedule list' }, { command: 'schedule list --on 2026-10-31 --json' }],
});

export const commands: readonly Command[] = [list, set];
