import { parseZone } from '../domain/dates.ts';
import type { CreatedProgramme } from '../services/programme/create-programme.ts';
import type { ListedProgramme } from '../services/programme/list-programmes.ts';
import type { NounRows } from './listing.ts';
import type { Invocation } from './command.ts';
import { columnsOf, toRecord } from './output/columns.ts';
import { plainJson } from './output/plain-text.ts';
import { printRow } from './output/printer.ts';
import { readCurrency } from './currency-reading.ts';
import { option, wholeNumber } from './parameters.ts';

const c = columnsOf<ListedProgramme>();
const setting = (row: ListedProgramme, name: string): string | null => {
  const value = row.settings?.[name];
  return value === undefined ? null : typeof value === 'string' ? value : plainJson(value);
};

export const programmeRows: NounRows<ListedProgramme> = {
  noun: 'programme',
  plural: 'programmes',
  id: (row) => row.name,
  columns: [
    c.code('name', (row) => row.name),
    c.text('title', (row) => row.title),
    c.code('zone', (row) => row.zone),
    c.code('currency', (row) => row.currency),
    c.text('hold_days', (row) => setting(row, 'hold_days')),
    c.text('approval', (row) => setting(row, 'approval')),
    c.text('settings', (row) => row.settings, { detail: true }),
    c.flag('usable', (row) => row.usable),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** What a new programme is asked; shared by `init` and `programme create`. */
export const programmeTerms = {
  title: option('--title <text>', 'what people call it (default: its name)'),
  zone: option('--zone <zone>', 'IANA time zone of its business dates, for ever (default UTC)', {
    read: (text) => parseZone(text.trim()),
    ask: { message: 'Time zone of its business dates, for ever (UTC):', always: true },
  }),
  currency: option('--currency <code>', 'reporting currency, for ever (default EUR)', {
    read: readCurrency,
    ask: { message: 'Reporting currency, for ever (EUR):', always: true },
  }),
  holdDays: option('--hold-days <n>', 'days from an event to the first date it may be paid (default 30)', {
    read: wholeNumber('--hold-days', 0, 3650),
  }),
  approval: option('--approval <policy>', 'when entries are approved (default at_decision)', {
    choices: ['at_decision', 'after_hold', 'review'],
  }),
  minimumPayout: option('--minimum-payout <amount>', 'smallest gross payout, in its currency (default 0)'),
};

/**
 * Creates it, says in one word what came of that and prints it. No audit trail tells of a programme that would be made,
 * so what a dry run prints is the row itself.
 */
export async function createAs(
  invocation: Invocation,
  create: (options: { dryRun: boolean }) => Promise<CreatedProgramme>,
): Promise<void> {
  const { dryRun, format, print } = invocation;
  const made = await create({ dryRun });
  const applied = made.migrations.length === 0 ? '' : `, ${made.migrations.length} migrations applied`;
  const what = made.created ? (dryRun ? 'would be created' : 'created') : 'exists already';
  await invocation.note(`programme ${made.name} ${what}${applied}`);
  const row = { ...made, usable: true };
  if (dryRun && (format === 'json' || format === 'ndjson')) {
    const found = { dry_run: true, plan: null, changes: [], result: toRecord(programmeRows.columns, row) };
    await print.out.write(`${plainJson(found, format === 'json' ? 2 : undefined)}\n`);
  } else {
    await printRow(print, programmeRows.columns, row, programmeRows.id);
  }
}
