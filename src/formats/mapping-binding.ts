import { UsageError } from '../domain/errors.ts';
import type { EventField, FieldSource, KindRule, Mapping } from './mapping.ts';
import type { Kind } from '../domain/rating/model.ts';
import { nearNames } from '../domain/near-names.ts';
import { shorten } from './records.ts';

/** Where a value stands, for the one who has to mend it. */
export interface Place {
  /** From 1; null for a constant, and in NDJSON, where values have names and no order. */
  readonly column: number | null;
  readonly field: string;
}

/** A field of the event, bound to the columns of one file. */
export interface BoundField {
  readonly place: Place;
  /** Date format of this field alone, or null. */
  readonly format: string | null;
  /** The value without the space around it, '' when blank; null when its lookup has no answer: see `missed`. */
  read(fields: readonly string[]): string | null;
  /** What the lookup was asked for, and which one. Only after `read` gave null. */
  missed(fields: readonly string[]): { readonly value: string; readonly lookup: string };
}

export interface BoundKinds {
  /** The kind the rules decide on; null when none fits. */
  decide(fields: readonly string[]): { readonly kind: Kind; readonly negate: boolean } | null;
}

export interface Binding {
  readonly fields: Readonly<Partial<Record<EventField, BoundField>>>;
  readonly kinds: BoundKinds;
  place(field: EventField): Place;
}

/** Every column or key the mapping mentions, once. */
export function mappedColumns(mapping: Mapping): string[] {
  const names = new Set<string>();
  for (const source of Object.values(mapping.fields)) {
    if ('columns' in source) for (const column of source.columns) names.add(column);
  }
  for (const rule of mapping.kindRules) names.add(rule.column);
  return [...names];
}

/** What messages call the mapping and the file it is of. */
export interface MappedFiles {
  readonly mapping: string;
  readonly data: string;
  /** The mapping is a layout of ours: whoever reads the message has no file of it to mend. */
  readonly isLayout?: boolean;
}

/** What to do about a file that has not the columns of a layout. */
export const LAYOUT_HINT = 'export it with all of its columns, or write a mapping file for this one';

/**
 * Binds a mapping to the columns of a file.
 * @param positions false where the columns have no order that a reader of the file could count (NDJSON)
 * @throws UsageError `mapping_unknown_column`, naming every column that is not there, and the nearest that is
 */
export function bindMapping(mapping: Mapping, names: readonly string[], files: MappedFiles, positions = true): Binding {
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const mistakes: string[] = [];
  const resolve = (column: string, key: string): number => {
    const index = indexOf.get(column);
    if (index !== undefined) return index;
    const [meant] = nearNames(column, names);
    const remedy = meant === undefined ? `it has ${shorten(names.join(', '), 200)}` : `did you mean ${meant}?`;
    mistakes.push(`${key}: ${files.data} has no column '${column}' — ${remedy}`);
    return 0;
  };

  const fields: Partial<Record<EventField, BoundField>> = {};
  for (const [field, source] of Object.entries(mapping.fields) as [EventField, FieldSource][]) {
    fields[field] =
      'constant' in source
        ? bindConstant(field, source.constant)
        : bindColumns(
            source,
            mapping,
            positions,
            source.columns.map((column) => resolve(column, `columns.${field}`)),
          );
  }
  const kinds = bindKinds(
    mapping.kindRules.map((rule, at) => ({ rule, index: resolve(rule.column, `kind.rules.${at}`) })),
  );
  if (mistakes.length > 0) {
    const message =
      mistakes.length === 1
        ? `${files.mapping}: ${mistakes[0]}`
        : `${files.mapping}:\n${mistakes.map((line) => `  ${line}`).join('\n')}`;
    const other = otherDelimiter(names);
    const mend =
      other === null
        ? 'mend the mapping file; nothing was imported'
        : `its heading is one column that looks like many: set [csv] delimiter = "${other}" in the mapping file`;
    throw new UsageError('mapping_unknown_column', message, {
      hint: files.isLayout === true ? LAYOUT_HINT : mend,
      details: { file: files.mapping, mistakes },
    });
  }
  const ruled = mapping.kindRules[0]?.column;
  const kindPlace =
    ruled === undefined ? null : { column: positions ? resolve(ruled, 'kind') + 1 : null, field: ruled };
  return {
    fields,
    kinds,
    place: (field) => fields[field]?.place ?? (field === 'kind' ? kindPlace : null) ?? { column: null, field },
  };
}

/** What probably parts the columns of a heading that was read as a single one, as a mapping file writes it; or null. */
function otherDelimiter(names: readonly string[]): string | null {
  const [heading, second] = names;
  if (heading === undefined || second !== undefined) return null;
  const found = [';', '\t', '|', ','].find((delimiter) => heading.includes(delimiter));
  return found === '\t' ? '\\t' : (found ?? null);
}

function bindConstant(field: EventField, constant: string): BoundField {
  return {
    place: { column: null, field },
    format: null,
    read: () => constant,
    missed: () => ({ value: constant, lookup: '' }),
  };
}

function bindColumns(
  source: Extract<FieldSource, { columns: readonly string[] }>,
  mapping: Mapping,
  positions: boolean,
  indexes: readonly number[],
): BoundField {
  const first = indexes[0]!;
  const plain =
    indexes.length === 1
      ? (fields: readonly string[]) => fields[first]!.trim()
      : (fields: readonly string[]) => join(fields, indexes, source.separator);
  const table = source.lookup === null ? null : new Map(Object.entries(mapping.lookups[source.lookup]!));
  const { fallback } = source;

  let read: BoundField['read'] = plain;
  if (table !== null || fallback !== null) {
    const otherwise = table?.get('*') ?? null;
    read = (fields) => {
      const value = plain(fields);
      if (value === '' && fallback !== null) return fallback;
      return table === null ? value : (table.get(value) ?? otherwise);
    };
  }
  return {
    place: { column: positions ? first + 1 : null, field: source.columns[0]! },
    format: source.format,
    read,
    missed: (fields) => ({ value: plain(fields), lookup: source.lookup ?? '' }),
  };
}

/**
 * Joined values stay apart: were 'a/b' + 'c' and 'a' + 'b/c' one id, the second row would pass for the first one come
 * again, and its money would be lost. Nothing at all joined to nothing is blank.
 */
function join(fields: readonly string[], indexes: readonly number[], separator: string): string {
  let joined = '';
  let blank = true;
  for (let at = 0; at < indexes.length; at += 1) {
    let value = fields[indexes[at]!]!.trim();
    if (value !== '') blank = false;
    if (value.includes('\\')) value = value.replaceAll('\\', '\\\\');
    if (value.includes(separator)) value = value.replaceAll(separator, `\\${separator}`);
    joined = at === 0 ? value : joined + separator + value;
  }
  return blank ? '' : joined;
}

function bindKinds(rules: readonly { rule: KindRule; index: number }[]): BoundKinds {
  const tests = rules.map(({ rule, index }) => ({
    index,
    fits: testOf(rule),
    verdict: { kind: rule.kind, negate: rule.negate },
  }));
  return {
    decide(fields) {
      for (const { index, fits, verdict } of tests) {
        if (fits(fields[index]!.trim())) return verdict;
      }
      return null;
    },
  };
}

function testOf({ test }: KindRule): (value: string) => boolean {
  if ('prefix' in test) return (value) => value.startsWith(test.prefix);
  if ('value' in test) return (value) => value === test.value;
  return (value) => signOf(value) === test.sign;
}

/** The sign of a number however it is grouped; null for what has no digits, and so no sign. */
function signOf(value: string): 'negative' | 'positive' | 'zero' | null {
  if (!/\d/.test(value)) return null;
  if (!/[1-9]/.test(value)) return 'zero';
  return value.startsWith('-') ? 'negative' : 'positive';
}
