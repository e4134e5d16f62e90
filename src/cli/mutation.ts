import { rangeText } from '../domain/date-ranges.ts';
import type { PartialError } from '../domain/errors.ts';
import { formatMinor } from '../domain/money.ts';
import { formatRate } from '../domain/rates.ts';
import { settingCalled, settingText, type StoredValue } from '../domain/settings.ts';
import type { Change, Context } from '../services/context.ts';
import { command, type Command, type Example, type Invocation } from './command.ts';
import type { NounRows } from './listing.ts';
import { cellText } from './output/cells.ts';
import { columnsOf } from './output/columns.ts';
import { plainJson } from './output/plain-text.ts';
import { printList, printRow, rowRecord, type Section } from './output/printer.ts';
import type { Input, Parameters } from './parameters.ts';

export interface MutationDeclaration<R, P extends Parameters> {
  /** What it makes or changes, and how that is printed. */
  readonly rows: NounRows<R>;
  readonly sections?: readonly Section<R>[];
  readonly verb: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: P;
  readonly examples: readonly Example[];
  /** On a dry run a person first sees what would be printed: where the changes alone do not say it. */
  readonly previews?: boolean;
  /** Asks, checks or confirms before anything is done, and may answer questions that the parameters left open. */
  prepare?(invocation: Invocation, input: Input<P>): Promise<Input<P> | void>;
  /** Calls the service. `say` notes something beside the row, on stderr; `path` finds a file as it was typed. */
  run(ctx: Context, input: Input<P>, say: (text: string) => void, path: Invocation['path']): Promise<R>;
  /** The one line on a terminal: 'created partner acme'. Default: noun, id, verb. */
  done?(row: R): string;
  /** What is thrown when the row is printed, because only part of what was asked for was done. */
  partly?(row: R, dryRun: boolean): PartialError | null;
}

/**
 * Makes a command that changes something: the service in the context's transaction; with --dry-run the same, rolled
 * back, and what would change with its plan hash; with --plan only that plan.
 */
export function mutation<R, P extends Parameters>(declaration: MutationDeclaration<R, P>): Command {
  const { rows, verb } = declaration;
  return command({
    verb,
    summary: declaration.summary,
    ...(declaration.description === undefined ? {} : { description: declaration.description }),
    parameters: declaration.parameters,
    mutates: true,
    examples: declaration.examples,
    async run(invocation, given) {
      const input = (await declaration.prepare?.(invocation, given)) ?? given;
      const ctx = await invocation.context();
      const notes: string[] = [];
      const row = await declaration.run(ctx, input, (text) => notes.push(text), invocation.path);
      for (const note of notes) await invocation.note(note);
      if (invocation.dryRun) {
        const print = declaration.previews === true ? printPreview : printDryRunOf;
        await print(
          invocation,
          ctx,
          { ...rows, id: (one) => idToCome(rows.id(one), input) },
          row,
          declaration.sections,
        );
      } else {
        if (invocation.host.io.stderrIsTTY) {
          await invocation.note(`✓ ${declaration.done?.(row) ?? `${rows.noun} ${rows.id(row)}: ${verb}`}`);
        }
        await printRow(invocation.print, rows.columns, row, rows.id, declaration.sections);
      }
      const partly = declaration.partly?.(row, invocation.dryRun) ?? null;
      if (partly !== null) throw partly;
    },
  });
}

// ── Dry runs ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** In place of a number that the real run will draw for itself. */
export const NOT_YET = '(dry run)';

/** The id of a dry run's row: a number that nobody typed goes to nobody, for the real run draws another. */
export function idToCome(id: string, typed: Readonly<Record<string, unknown>>): string {
  const isDrawn = /^\d+$/.test(id) && !Object.values(typed).flat().map(String).includes(id);
  return isDrawn ? NOT_YET : id;
}

/** Changes as a dry run tells them: what is new has no number yet. Codes are what somebody chose, and stay. */
function unnumbered(changes: readonly Change[]): Change[] {
  const named = ({ table, key }: Change) => `${table} ${key}`;
  const drawn = new Set(changes.filter(({ action, key }) => action === 'insert' && /^\d+$/.test(key)).map(named));
  return changes.map((change) => (drawn.has(named(change)) ? { ...change, key: NOT_YET } : change));
}

const c = columnsOf<Change>();
const changeColumns = [
  c.text('action', (change) => change.action),
  c.code('table', (change) => change.table),
  c.code('key', (change) => change.key),
  c.text('changes', (change) => changedFields(change)),
];

/** More rows than anybody reads; --json has them all. */
const MANY_CHANGES = 100;

interface TableCount {
  readonly action: string;
  readonly table: string;
  rows: number;
}
const n = columnsOf<TableCount>();
const countColumns = [
  n.text('action', (count) => count.action),
  n.code('table', (count) => count.table),
  n.number('rows', (count) => count.rows),
];

function countByTable(changes: readonly Change[]): TableCount[] {
  const counts = new Map<string, TableCount>();
  for (const { action, table } of changes) {
    const count = counts.get(`${action} ${table}`) ?? { action, table, rows: 0 };
    counts.set(`${action} ${table}`, count);
    count.rows += 1;
  }
  return [...counts.values()];
}

/** What differs from run to run, or says only that the row is new. */
const BOOKKEEPING = new Set([
  'id',
  'recorded_at',
  'created_by',
  'transaction_id',
  'taken_at',
  'seen',
  'known_seq',
  'retired_seq',
  'continues_id',
]);

/** The fields a change sets, as 'name: old → new' or 'name: new', in the units that people type. */
export function changedFields({ table, before, after }: Change): string[] {
  const names = Object.keys(after ?? before ?? {}).filter((name) => !BOOKKEEPING.has(name));
  const fields = names.flatMap((name) => {
    const [old, now] = [before?.[name] ?? null, after?.[name] ?? null];
    if (plainJson(old) === plainJson(now)) return [];
    const text = (row: Change['after']) => shown(table, name, row?.[name] ?? null, row ?? {});
    const label = unitOf(name, after ?? before ?? {}) === null ? name : name.replace(/_(ppm|minor)$/, '');
    return [before === null ? `${label}: ${text(after)}` : `${label}: ${text(before)} → ${text(after)}`];
  });
  const retired = before !== null && before['retired_seq'] === null && (after?.['retired_seq'] ?? null) !== null;
  return retired ? ['retired', ...fields] : fields;
}

/**
 * What a column's value is written in for a person: a rate, or a currency where the row says which. Null: as it stands;
 * its name then keeps saying what it is in.
 */
function unitOf(name: string, { currency }: Readonly<Record<string, unknown>>): 'rate' | { currency: string } | null {
  if (name.endsWith('_ppm')) return 'rate';
  const isMoney = name.endsWith('_minor') || name === 'bracket_from';
  return isMoney && typeof currency === 'string' ? { currency } : null;
}

const amountText = (minor: unknown, currency: string) =>
  `${formatMinor(BigInt(minor as number), currency)} ${currency}`;

function shown(table: string, name: string, value: unknown, row: Readonly<Record<string, unknown>>): string {
  if (value === null) return '(none)';
  if (Array.isArray(value)) return value.map((one) => shown(table, name, one, row)).join(' ');
  if (table === 'settings') {
    const key = settingCalled(row['name']);
    if (name === 'name' && key !== null) return key;
    if (name === 'value' && key !== null) return [settingText(key, value as StoredValue)].flat().join(', ');
  }
  const unit = unitOf(name, row);
  if (unit !== null) return unit === 'rate' ? formatRate(Number(value)) : amountText(value, unit.currency);
  if (typeof value === 'string') {
    const days = name === 'valid' ? /^[[(]([^,]*),([^)]*)\)$/.exec(value) : null;
    return days === null ? value : rangeText({ from: days[1] || null, to: days[2] || null });
  }
  // Amounts by currency, as limits are kept: {"EUR": 5000}.
  const parts = typeof value === 'object' ? Object.entries(value as object) : [];
  const byCurrency = parts.length > 0 && parts.every(([code]) => /^[A-Z]{3}$/.test(code));
  return byCurrency ? parts.map(([code, minor]) => amountText(minor, code)).join(', ') : plainJson(value);
}

/**
 * Prints what a dry run found: the changes and the plan's hash, to be handed to --plan. `result` is what the command
 * would have printed, `ids` with `-o id`.
 */
export async function printDryRun(
  invocation: Invocation,
  ctx: Pick<Context, 'report'>,
  result: Readonly<Record<string, unknown>>,
  ...ids: readonly string[]
): Promise<void> {
  const { plan } = ctx.report;
  const changes = unnumbered(ctx.report.changes);
  const { out, format, isTTY } = invocation.print;
  if (format === 'json' || format === 'ndjson') {
    const found = { dry_run: true, plan, changes, result };
    await out.write(`${plainJson(found, format === 'json' ? 2 : undefined)}\n`);
  } else if (format === 'id') {
    // As the real run prints them where that is known, and not one with each row that would change.
    await out.write(ids.map((id) => `${cellText(id)}\n`).join(''));
  } else {
    // Whole, even where the terminal wraps it: what is cut off may be what the dry run was asked for.
    const print = { ...invocation.print, columns: null };
    if (changes.length > MANY_CHANGES)
      await printList(print, countColumns, countByTable(changes), ({ table }) => table);
    else await printList(print, changeColumns, changes, ({ key }) => key);
    if (format !== 'csv' && plan !== null) {
      await out.write(format === 'tsv' || (format === null && !isTTY) ? `plan\t${plan}\n` : `\nplan ${plan}\n`);
    }
  }
  await invocation.note(
    changes.length === 0
      ? 'dry run: nothing would change'
      : `dry run: nothing was written${plan === null ? '' : `; --plan ${plan} does exactly this, or refuses`}`,
  );
}

/** The same for a command that prints one row. */
async function printDryRunOf<R>(
  invocation: Invocation,
  ctx: Pick<Context, 'report'>,
  { columns, id }: Pick<NounRows<R>, 'columns' | 'id'>,
  row: R,
  sections: readonly Section<R>[] = [],
): Promise<void> {
  await printDryRun(invocation, ctx, rowRecord(columns, row, sections), id(row));
}

/** The same where a person first wants to see that row; in JSON it is the result beside the changes. */
export async function printPreview<R>(
  invocation: Invocation,
  ctx: Pick<Context, 'report'>,
  rows: Pick<NounRows<R>, 'columns' | 'id'>,
  row: R,
  sections: readonly Section<R>[] = [],
): Promise<void> {
  const { format } = invocation.print;
  if (format !== 'json' && format !== 'ndjson' && format !== 'id') {
    await printRow(invocation.print, rows.columns, row, rows.id, sections);
    if (format === 'table' || (format === null && invocation.print.isTTY)) await invocation.print.out.write('\n');
  }
  await printDryRunOf(invocation, ctx, rows, row, sections);
}
