import type { CreatedProgramme } from '../services/programme/create-programme.ts';
import type { ListedProgramme } from '../services/programme/list-programmes.ts';
import type { NounRows } from './listing.ts';
import { columnsOf } from './output/columns.ts';
import { plainJson } from './output/plain-text.ts';
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
    c.text('settings', (row) => (row.settings === undefined ? null : plainJson(row.settings)), { detail: true }),
    c.flag('usable', (row) => row.usable),
    c.code('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** What a new programme is asked; shared by `init` and `programme create`. */
export const programmeTerms = {
  title: option('--title <text>', 'what people call it (default: its name)'),
  zone: option('--zone <zone>', 'IANA time zone of its business dates, for ever (default UTC)'),
  currency: option('--currency <code>', 'reporting currency, for ever (default EUR)'),
  holdDays: option('--hold-days <n>', 'days from an event to the first date it may be paid (default 30)', {
    read: wholeNumber('--hold-days', 0, 3650),
  }),
  minimumPayout: option('--minimum-payout <amount>', 'smallest gross payout, in its currency (default 0)'),
};

/** Creates it and says in one word what came of that. */
export async function createAs(
  invocation: { readonly dryRun: boolean; note(text: string): Promise<void> },
  create: (options: { dryRun: boolean }) => Promise<CreatedProgramme>,
): Promise<ListedProgramme> {
  const made = await create({ dryRun: invocation.dryRun });
  const applied = made.migrations.length === 0 ? '' : `, ${made.migrations.length} migrations applied`;
  const what = made.created ? (invocation.dryRun ? 'would be created' : 'created') : 'exists already';
  await invocation.note(`programme ${made.name} ${what}${applied}`);
  return { ...made, usable: true };
}
