import { statSync } from 'node:fs';
import { join } from 'node:path';
import { brandOver } from '../../db/queries/brands.ts';
import type { Connection } from '../../db/connection.ts';
import type { Brand } from '../../domain/brand.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import type { Statement } from '../../domain/statement.ts';
import { draftFile } from '../../files/publish.ts';
import { brandOf } from '../brand/brand-view.ts';
import type { Context } from '../context.ts';

/** The ending of the files, and what each holds. */
export interface StatementWriter {
  readonly ending: string;
  /** Whether they look like the brand of whom they are for. */
  readonly branded: boolean;
  /** @throws RefusedError for a statement that cannot be written in this way; others can */
  write(statement: Statement, brand: Brand | null): string | Buffer | Promise<Buffer>;
}

export interface StatementFile {
  readonly number: string | null;
  readonly partner: string;
  readonly currency: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface WrittenStatements {
  readonly files: readonly StatementFile[];
  /** Why each of the others has no file. */
  readonly refused: readonly string[];
}

/** Statements on their way into files. */
export interface StatementBatch {
  readonly count: number;
  readonly statements: AsyncIterable<{ readonly partnerId: number; readonly statement: Statement }>;
}

/** @throws UsageError `directory_missing` */
export function assertDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError('directory_missing', `${directory} is no directory`, {
      hint: `make it first: mkdir -p ${directory}`,
    });
  }
}

/**
 * Writes a file for each; one appears whole or not at all. What one is refused for is told, and the others go on; it is
 * thrown where there are no others.
 */
export async function writeBatch(
  ctx: Context,
  tx: Connection,
  { count, statements }: StatementBatch,
  directory: string,
  { ending, branded, write }: StatementWriter,
): Promise<WrittenStatements> {
  const files: StatementFile[] = [];
  const refused: RefusedError[] = [];
  let at = 0;
  for await (const { partnerId, statement } of statements) {
    ctx.progress.step('writing statements', at, count);
    at += 1;
    const { number, content } = statement;
    const { partner, currency, period } = content;
    const file = join(directory, `${number ?? 'DRAFT'}-${partner.code}-${currency}.${ending}`);
    try {
      const brand = branded ? await brandOver(tx, partnerId, addDays(period.to, -1)) : null;
      const written = await publish(file, await write(statement, brand === null ? null : brandOf(brand)));
      files.push({ number, partner: partner.code, currency, file, ...written });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refused.push(error);
    }
  }
  ctx.progress.done();
  if (files.length === 0 && refused.length > 0) throw refused[0]!;
  return { files, refused: refused.map(({ message }) => message) };
}

async function publish(file: string, content: string | Buffer): Promise<{ bytes: number; sha256: string }> {
  const draft = await draftFile(file);
  try {
    await draft.write(Buffer.from(content));
    const written = await draft.finish();
    await draft.publish();
    return written;
  } finally {
    await draft.discard();
  }
}
