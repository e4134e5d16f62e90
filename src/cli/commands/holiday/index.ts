import { parseDate } from '../../../domain/dates.ts';
import { listHolidays, sayHoliday, type Holiday } from '../../../services/schedule/holidays.ts';
import type { Command } from '../../command.ts';
import { listCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, requiredOption } from '../../parameters.ts';

const c = columnsOf<Holiday>();

/** What the programme says of a day, beside the calendars. */
const holidayRows: NounRows<Holiday> = {
  noun: 'holiday',
  plural: 'holidays',
  id: (row) => row.day,
  columns: [
    c.date('day', (row) => row.day),
    c.flag('closed', (row) => row.closed),
    c.text('name', (row) => row.name),
    c.actor('said_by', (row) => row.createdBy),
    c.instant('said_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const day = argument('DAY', 'the day', { read: parseDate });

const add = mutation({
  rows: holidayRows,
  verb: 'add',
  summary: 'call a day closed: nothing is reviewed or submitted on it',
  description:
    'Whatever the calendar of a schedule or of a rail says of it. The calendars bring the days of TARGET and of the Federal Reserve.',
  parameters: { day, name: requiredOption('--name <text>', 'what it is called') },
  examples: [
    { command: 'holiday add 2026-12-24 --name "Christmas Eve"' },
    { command: 'holiday add 2026-12-24 --name "Christmas Eve" --dry-run' },
  ],
  run: async (ctx, input) => await sayHoliday(ctx, { ...input, closed: true }),
  done: (row) => `${row.day} is closed: ${row.name}`,
});

const remove = mutation({
  rows: holidayRows,
  verb: 'remove',
  summary: 'call a day open, be it a holiday of a calendar',
  parameters: { day, reason: requiredOption('--reason <text>', 'why, for the record') },
  examples: [{ command: 'holiday remove 2026-05-01 --reason "our bank is open"' }],
  run: async (ctx, { day: date, reason }) => await sayHoliday(ctx, { day: date, closed: false, name: reason }),
  done: (row) => `${row.day} is open: ${row.name}`,
});

const list = listCommand({
  ...holidayRows,
  summary: 'list the days that the programme calls closed, or open',
  filters: {},
  dated: 'day',
  paged: false,
  query: async (ctx, _filter, _page, window) => await listHolidays(ctx, window),
  whenEmpty: 'the calendars say it all; `revshare holiday add` adds to them',
  examples: [
    { command: 'holiday list', setup: ['holiday add 2026-12-24 --name "Christmas Eve"'] },
    { command: 'holiday list --period 2026 --json' },
  ],
});

export const commands: readonly Command[] = [add, remove, list];
