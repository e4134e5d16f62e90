import { createHash } from 'node:crypto';
import type { Connection } from '../../db/connection.ts';
import { readOneMoment, type AsOf } from '../../db/queries/as-of.ts';
import { sectionHashes, type SectionHash } from '../../db/queries/book-hash.ts';
import type { Context } from '../context.ts';
import { resolveMoment } from '../export/moment.ts';

export type { SectionHash } from '../../db/queries/book-hash.ts';

export interface BookHash {
  readonly sha256: string;
  readonly facts: number;
  readonly asOf: AsOf;
  /** Tells which part of two books differs. */
  readonly sections: readonly SectionHash[];
}

/**
 * One hash over every fact of the books that decides money, as of now, an instant, or the moment of a backup. Books that
 * say the same have the same hash, whoever's runs made them and wherever they are. Reads only, in one snapshot.
 * Throws UsageError for an --as-of that cannot be.
 */
export async function hashBooks(ctx: Context, asOf: AsOf | string | null): Promise<BookHash> {
  const hash = await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const moment = asOf === null || typeof asOf === 'string' ? await resolveMoment(tx, asOf, ctx.zone) : asOf;
    return await hashOfMoment(tx, moment, (done, total) => ctx.progress.step('hashing', done, total));
  });
  ctx.progress.done();
  return hash;
}

/** The same in a transaction of the caller's, which reads one moment and whose search_path is the programme. */
export async function hashOfMoment(
  tx: Connection,
  { instant, snapshot }: AsOf,
  step?: (done: number, total: number) => void,
): Promise<BookHash> {
  const sections = await sectionHashes(tx, { instant, snapshot }, step);
  const lines = sections.map(({ section, facts, sha256 }) => `${section} ${facts} ${sha256}\n`);
  return {
    sha256: createHash('sha256').update(lines.join('')).digest('hex'),
    facts: sections.reduce((sum, section) => sum + section.facts, 0),
    asOf: { instant, snapshot },
    sections,
  };
}
