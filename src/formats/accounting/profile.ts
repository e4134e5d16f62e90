import * as z from 'zod';
import { DATE_FORMATS, type AccountingProfile, type JournalTarget } from '../../domain/accounting.ts';
import { ACCOUNT_TYPES, type AccountType } from '../../domain/chart.ts';
import { UsageError } from '../../domain/errors.ts';
import { describeIssue } from '../mapping-schema.ts';
import { parseTomlDocument } from '../toml-document.ts';

/** What bookkeepers say of their books (TOML), a table for each of them: our chart by their names. */

// Their books want a name as it is, so what a spreadsheet would run is refused and not guarded.
const theirName = z
  .string()
  .min(1)
  .regex(/^[^=+\-@\s]/, 'must not begin with = + - @ or a space')
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line of text');
const TABLE = {
  account: theirName,
  class: theirName.optional(),
  location: theirName.optional(),
  tax_rate: theirName.optional(),
};
const theirAccount = z.union([theirName.transform((account) => ({ account })), z.strictObject(TABLE)], {
  error: 'must be the name of an account, or { account, class, location, tax_rate }',
});
const ACCOUNTS = Object.fromEntries(ACCOUNT_TYPES.map((type) => [type, theirAccount.optional()])) as Record<
  AccountType,
  z.ZodOptional<typeof theirAccount>
>;
const PROFILE = {
  partners: z.boolean().default(false),
  date_format: z.enum(DATE_FORMATS, { error: `must be ${DATE_FORMATS.join(', ')}` }).optional(),
  subsidiary: theirName.optional(),
  accounts: z.strictObject(ACCOUNTS),
  names: z.record(z.string(), theirName).default({}),
};
const profile = z.strictObject(PROFILE).optional();
const FILE = { generic: profile, quickbooks: profile, xero: profile, netsuite: profile };
const fileSchema = z.strictObject(FILE);

/**
 * Reads what a file says of the books that a journal is for; null where it says nothing of them. Every mistake in it is
 * listed at once, each with its key.
 * @param file name for messages
 * @throws UsageError `profile_syntax`, `profile_invalid`
 */
export function readAccountingProfile(text: string, file: string, target: JournalTarget): AccountingProfile | null {
  const hint = 'see `revshare journal export --help` for a profile that works';
  const document = parseTomlDocument(text, file, { code: 'profile_syntax', hint });
  const parsed = fileSchema.safeParse(document);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.flatMap((issue) => describeIssue(issue, document, keysAt));
    const message = mistakes.length === 1 ? `${file}: ${mistakes[0]}` : [`${file}:`, ...mistakes].join('\n  ');
    throw new UsageError('profile_invalid', message, { hint, details: { file, mistakes } });
  }
  return target in FILE ? (parsed.data[target as keyof typeof FILE] ?? null) : null;
}

function keysAt(path: readonly string[]): readonly string[] {
  if (path.length === 0) return Object.keys(FILE);
  if (path.length === 1) return Object.keys(PROFILE);
  return path.length === 2 ? ACCOUNT_TYPES : Object.keys(TABLE);
}
