import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as z from 'zod';
import { isDate, parsePeriod } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import { LOCALE_NAMES, PLAIN_CSV } from '../../formats/csv-dialect.ts';
import { EXPORT_FORMATS } from './schema.ts';

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
const DATE = z.string().refine(isDate, 'is no date');
const INSTANT = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/)
  .refine((text) => isDate(text.slice(0, 10)), 'is no instant');
const SNAPSHOT = z.string().refine(isSnapshot, 'is no snapshot');
const DECIMAL = z.string().regex(/^-?\d+(\.\d+)?$/);
/** Codes end up in messages and in SQL; the schema of the books lets no other characters into one. */
const CODE = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);

const CURRENCY = z.string().regex(/^[A-Z]{3}$/);

const manifestShape = z.object({
  manifest: z.literal('revshare-export/1'),
  schema: z.object({ name: CODE, version: z.int().min(1) }),
  format: z.enum(EXPORT_FORMATS),
  // Manifests of the first exports have none.
  dialect: z.object({ locale: z.enum(LOCALE_NAMES), bom: z.boolean() }).default(PLAIN_CSV),
  file: z.object({
    /** A name, never a path: a manifest from elsewhere must not say where we write. */
    name: z
      .string()
      .min(1)
      .max(255)
      .refine((name) => basename(name) === name && name !== '.' && name !== '..', 'is a path'),
    bytes: z.int().min(0),
    sha256: SHA256,
  }),
  /** Which books: a programme's name, and when they were founded. */
  books: z.object({ programme: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/), founded: INSTANT }),
  filter: z.object({
    period: z
      .object({ label: z.string().max(40), from: DATE, to: DATE, zone: z.string().max(60) })
      .refine(isPeriod, 'its label is of other days'),
    partner: CODE.nullable(),
    instance: CODE.nullable(),
    // Manifests of the first exports have neither.
    status: CODE.nullable().default(null),
    currency: CURRENCY.nullable().default(null),
  }),
  as_of: z.object({ instant: INSTANT, snapshot: SNAPSHOT }),
  facts: z.record(z.string(), z.number()),
  // Hash of the rules as of then; manifests of the first exports have none.
  rule_book: SHA256.nullable().default(null),
  rows: z.int().min(0),
  sums: z.array(
    z.object({
      currency: CURRENCY,
      rows: z.int().min(0),
      positive: DECIMAL,
      negative: DECIMAL,
      net: DECIMAL,
    }),
  ),
  made: z.object({ by: z.string(), at: INSTANT, tool: z.string(), server: z.string() }),
});

/** Oldest running transaction, next one, and those still running between, ascending: what Postgres itself asks of it. */
function isSnapshot(text: string): boolean {
  if (!/^\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?$/.test(text)) return false;
  const [oldest, next, running] = text.split(':') as [string, string, string];
  const inOrder = [oldest, ...running.split(',').filter((id) => id !== ''), next].map(BigInt);
  return inOrder.every((id, at) => id > 0n && (at === 0 || inOrder[at - 1]! <= id));
}

/** A label that tells other days than were exported would be read by people and by no check. */
function isPeriod({ label, from, to }: { label: string; from: string; to: string }): boolean {
  try {
    const period = parsePeriod(label, from);
    return period.from === from && period.to === to;
  } catch {
    return false;
  }
}

/**
 * What stands beside an exported file: what it is of, as of when, what it sums to, and its hash. With the books it makes
 * the same bytes again; without them it tells whether the file is whole.
 */
export type ExportManifest = z.infer<typeof manifestShape>;

export const MANIFEST_ENDING = '.manifest.json';

export function manifestPathOf(file: string): string {
  return `${file}${MANIFEST_ENDING}`;
}

export function manifestText(manifest: ExportManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const LARGEST_BYTES = 1024 * 1024;

/** Reads and checks a manifest. Throws UsageError `manifest_not_found`, `manifest_invalid`. */
export async function readManifest(path: string): Promise<ExportManifest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new UsageError('manifest_not_found', `there is no manifest ${path}`, {
        hint: `an export writes it beside its file, as FILE${MANIFEST_ENDING}; keep the two together`,
      });
    }
    throw fileFailure(path, error);
  }
  const parsed = text.length > LARGEST_BYTES ? null : manifestShape.safeParse(jsonOf(text));
  if (parsed === null || !parsed.success) {
    const issue = parsed?.error?.issues[0];
    const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'at its top'}: ${issue.message})`;
    throw new UsageError('manifest_invalid', `${path} is not the manifest of an export${where}`, {
      hint: 'name the FILE.manifest.json that the export wrote, unchanged',
    });
  }
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
