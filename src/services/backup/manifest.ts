import * as z from 'zod';
import { UsageError } from '../../domain/errors.ts';

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
const INSTANT = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);

const manifestShape = z.object({
  backup: z.literal('revshare-backup/1'),
  made: z.object({ at: INSTANT, by: z.string(), tool: z.string() }),
  server: z.object({ version: z.string(), major: z.string() }),
  programmes: z.array(
    z.object({
      name: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/),
      zone: z.string(),
      migrations: z.array(z.object({ position: z.int().min(0), name: z.string(), sha256: SHA256 })),
      /** The moment of `book`, which the restored server must give again for it. */
      as_of: z.object({ instant: INSTANT, snapshot: z.string().regex(/^\d{1,20}:\d{1,20}:[\d,]*$/) }),
      book: z.object({ sha256: SHA256, facts: z.int().min(0) }),
    }),
  ),
  directories: z.array(z.string()),
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0), sha256: SHA256 })),
});

/** What an archive says about itself; it comes last, so that an archive without it was cut off. */
export type BackupManifest = z.infer<typeof manifestShape>;

export const MANIFEST_PATH = 'revshare-backup.json';
/** Where the cluster stands inside the archive. */
export const DATA_PATH = 'data';

/** Throws UsageError `backup_invalid`. */
export function parseBackupManifest(text: string): BackupManifest {
  let parsed: ReturnType<typeof manifestShape.safeParse> | null = null;
  try {
    parsed = manifestShape.safeParse(JSON.parse(text));
  } catch {
    // Not even JSON: said below.
  }
  if (parsed?.success !== true) {
    const issue = parsed?.error?.issues[0];
    throw new UsageError(
      'backup_invalid',
      `the archive’s manifest cannot be read${issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`}`,
      { hint: 'only what `revshare db backup` wrote can be restored, by this version or a later one' },
    );
  }
  return parsed.data;
}
