import * as z from 'zod';
import { BILLING_KINDS, isBillingKind } from '../domain/event-kinds.ts';
import { EVENT_FIELDS } from './mapping-fields.ts';
import { nearNames } from '../domain/near-names.ts';

/** The shape of a mapping file, and what is said of one that has another. */
const columnName = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean()]).transform(String);
const oneCharacter = z.string().regex(/^[\t\x20-\x7e]$/, 'must be one ASCII character');
const kindName = z.string().refine(isBillingKind, {
  error: (issue) => `'${String(issue.input)}' is no kind of billing event (${BILLING_KINDS.join(', ')})`,
});

const fieldSource = z.union(
  [
    columnName.transform((column) => ({ columns: [column] })),
    z
      .array(columnName)
      .min(1)
      .transform((columns) => ({ columns })),
    z.strictObject({ constant: scalar }),
    z
      .strictObject({
        column: columnName.optional(),
        columns: z.array(columnName).min(1).optional(),
        separator: z.string().min(1).max(10).optional(),
        lookup: z.string().optional(),
        default: scalar.optional(),
        format: z.string().optional(),
      })
      .refine((spec) => (spec.column === undefined) !== (spec.columns === undefined), {
        error: 'wants either column or columns',
      })
      .transform(({ column, columns, ...rest }) => ({ ...rest, columns: columns ?? [column!] })),
  ],
  { error: 'must be a column, a list of columns, { column, lookup, default } or { constant }' },
);

const kindRule = z
  .strictObject({
    column: columnName,
    prefix: z.string().min(1).optional(),
    value: scalar.optional(),
    sign: z.enum(['negative', 'positive', 'zero'], { error: 'must be "negative", "positive" or "zero"' }).optional(),
    kind: kindName,
    negate: z.boolean().default(false),
  })
  .refine((rule) => [rule.prefix, rule.value, rule.sign].filter((test) => test !== undefined).length === 1, {
    error: 'wants exactly one of prefix, value and sign',
  });

/** How a file writes its numbers, and its fields: the same words in every file that describes one. */
export const decimalsTable = z
  .strictObject({
    decimal: z.enum(['.', ','], { error: 'must be "." or ","' }).default('.'),
    group: z
      .string()
      .regex(/^[., '’_\u00A0\u202F]$/, "must be one of . , ' _ or a space")
      .optional(),
    minor: z.boolean().default(false),
  })
  .default({ decimal: '.', minor: false });
export const csvTable = z
  .strictObject({
    delimiter: oneCharacter.default(','),
    quote: z
      .union([oneCharacter, z.literal('')], { error: 'must be one ASCII character, or "" for none' })
      .default('"'),
    encoding: z.string().default('utf-8'),
  })
  .default({ delimiter: ',', quote: '"', encoding: 'utf-8' });

export const mappingSchema = z.strictObject({
  source: z
    .string({ error: 'must name the source of these events' })
    .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'must be 1–63 lower-case letters, digits, . _ and -'),
  format: z.enum(['csv', 'ndjson'], { error: 'must be "csv" or "ndjson"' }).optional(),
  columns: z.strictObject(Object.fromEntries(EVENT_FIELDS.map((field) => [field, fieldSource.optional()]))),
  kind: z.strictObject({ rules: z.array(kindRule).default([]), otherwise: kindName.optional() }).optional(),
  lookups: z.record(z.string(), z.record(z.string(), scalar)).default({}),
  dates: z.strictObject({ format: z.string().default('iso'), zone: z.string().optional() }).default({ format: 'iso' }),
  decimals: decimalsTable,
  csv: csvTable,
});
export type MappingDocument = z.infer<typeof mappingSchema>;

/** Each complaint of zod as `key: reason — remedy`. @param keysAt what may be said at a path */
export function describeIssue(
  issue: z.core.$ZodIssue,
  document: unknown,
  keysAt: (path: readonly string[]) => readonly string[] = mappingKeys,
): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => {
      const [meant] = nearNames(key, known);
      const remedy = meant !== undefined ? `did you mean ${meant}?` : `known here: ${known.join(', ')}`;
      return `${[...path, key].join('.')}: unknown key — ${remedy}`;
    });
  }
  // A union says only that nothing fitted; where the value is a table, the table's own complaint is the useful one.
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((issues) =>
      issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
    );
    const value = valueAt(document, path);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      const branch = branches['constant' in value ? 2 : 3] ?? branches.at(-1) ?? [];
      // What else the branch complains of follows from the mistyped key.
      const unknown = branch.filter(({ code }) => code === 'unrecognized_keys');
      return (unknown.length > 0 ? unknown : branch).flatMap((inner) =>
        describeIssue(inner as z.core.$ZodIssue, document, keysAt),
      );
    }
  }
  if (issue.code === 'invalid_type' && valueAt(document, path) === undefined) {
    return [`${path.join('.')}: is missing`];
  }
  return [`${path.join('.') || 'the file'}: ${issue.message}`];
}

function mappingKeys(path: readonly string[]): readonly string[] {
  switch (path[0]) {
    case undefined:
      return Object.keys(mappingSchema.shape);
    case 'columns':
      return path.length === 1
        ? EVENT_FIELDS
        : ['column', 'columns', 'separator', 'lookup', 'default', 'format', 'constant'];
    case 'kind':
      return path.length === 1 ? ['rules', 'otherwise'] : ['column', 'prefix', 'value', 'sign', 'kind', 'negate'];
    case 'dates':
      return ['format', 'zone'];
    case 'decimals':
      return ['decimal', 'group', 'minor'];
    default:
      return ['delimiter', 'quote', 'encoding'];
  }
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined),
    document,
  );
}
