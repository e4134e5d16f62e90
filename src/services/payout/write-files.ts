import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registerRows, submissionsOf } from '../../db/queries/payout-registers.ts';
import { payoutFileRows } from '../../db/queries/rails.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import { assertDirectory } from '../../files/directory.ts';
import { draftFile } from '../../files/publish.ts';
import type { Context } from '../context.ts';
import { assertPayoutsThere } from './find-run.ts';
import { fileView, remakeFiles, type PayoutFile, type WrittenFile } from './payout-files.ts';

/** A file of a rail, and where it was written. */
export interface FileInPlace extends PayoutFile {
  /** Null: nowhere, it is only listed. */
  readonly file: string | null;
  /** It was there already, with these very bytes. */
  readonly unchanged: boolean;
}

/** The files in which a run, or the submission of a payout, left. Reads only. Throws NotFoundError. */
export async function listPayoutFiles(ctx: Context, selection: PayoutSelection): Promise<FileInPlace[]> {
  await assertPayoutsThere(ctx.db, selection);
  const submissions = await submissionsOf(ctx.db, selection);
  const rows = await payoutFileRows(
    ctx.db,
    submissions.map(({ posting }) => posting),
  );
  return rows.map((row) => ({ ...fileView(row), file: null, unchanged: false }));
}

/**
 * Writes them again into a directory, the same bytes, proved by their hash, whatever became of payouts, partners and
 * profiles since. A file of that name and other content is left alone.
 * Throws as `remakeFiles` does, RefusedError `no_files`, `file_exists`, UsageError `directory_missing`, and what a file may be refused for.
 */
export async function writePayoutFiles(
  ctx: Context,
  selection: PayoutSelection,
  directory: string,
): Promise<FileInPlace[]> {
  await assertPayoutsThere(ctx.db, selection);
  assertDirectory(directory);
  const made: WrittenFile[] = [];
  for (const { posting } of await submissionsOf(ctx.db, selection)) {
    const files = await payoutFileRows(ctx.db, [posting]);
    made.push(...(await remakeFiles(ctx, ctx.db, files, await registerRows(ctx.db, posting))));
  }
  if (made.length === 0) {
    throw new RefusedError('no_files', 'none of it left in a file of a rail', {
      hint: '`revshare payout register` writes what is paid by hand',
    });
  }
  const written: FileInPlace[] = [];
  for (const file of made) written.push(await placeFile(file, directory));
  return written;
}

/** Publishes a file in a directory, under its own name. Throws RefusedError `file_exists`, and what a file may be refused for. */
export async function placeFile({ content, ...file }: WrittenFile, directory: string): Promise<FileInPlace> {
  const path = join(directory, file.name);
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before === content) return { ...file, file: path, unchanged: true };
  if (before !== null) {
    throw new RefusedError(
      'file_exists',
      `there is another file ${path} already, and what is to be paid overwrites none`,
      {
        hint: 'name another directory by --out',
      },
    );
  }
  const draft = await draftFile(path);
  try {
    await draft.write(Buffer.from(content, 'utf8'));
    await draft.finish();
    await draft.publish();
  } finally {
    await draft.discard();
  }
  return { ...file, file: draft.path, unchanged: false };
}
