import { join } from 'node:path';
import { RefusedError } from '../../domain/errors.ts';
import { draftFile } from '../../files/publish.ts';
import type { Context } from '../context.ts';

/** What a file holds that a partner is given. */
export interface PaperNamed {
  /** Null: a draft. */
  readonly number: string | null;
  readonly partner: string;
  readonly currency: string;
}

export interface PaperFile extends PaperNamed {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A paper on its way into a file: NUMBER-PARTNER-CURRENCY.ending. */
export interface Paper extends PaperNamed {
  /** @throws RefusedError where it cannot be written in this way; others can */
  write(): Promise<string | Buffer>;
}

export interface PaperBatch {
  /** As progress calls them: 'statements'. */
  readonly of: string;
  readonly ending: string;
  readonly count: number;
  readonly papers: AsyncIterable<Paper>;
}

export interface WrittenPapers {
  readonly files: readonly PaperFile[];
  /** Why each of the others has no file. */
  readonly refused: readonly string[];
}

/**
 * Writes a file for each; one appears whole or not at all. What one is refused for is told, and the others go on; it is
 * thrown where there are no others.
 */
export async function writePapers(
  ctx: Context,
  { of, ending, count, papers }: PaperBatch,
  directory: string,
): Promise<WrittenPapers> {
  const files: PaperFile[] = [];
  const refused: RefusedError[] = [];
  let at = 0;
  for await (const { number, partner, currency, write } of papers) {
    ctx.progress.step(`writing ${of}`, at, count);
    at += 1;
    const file = join(directory, `${number ?? 'DRAFT'}-${partner}-${currency}.${ending}`);
    try {
      files.push({ number, partner, currency, file, ...(await publish(file, await write())) });
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
