import { brandOver } from '../../db/queries/brands.ts';
import type { Connection } from '../../db/connection.ts';
import type { Brand } from '../../domain/brand.ts';
import { addDays } from '../../domain/dates.ts';
import type { Statement } from '../../domain/statement.ts';
import { brandOf } from '../brand/brand-view.ts';
import type { Context } from '../context.ts';
import { writePapers, type Paper, type WrittenPapers } from '../paper/write-papers.ts';

/** The ending of the files, and what each holds. */
export interface StatementWriter {
  readonly ending: string;
  /** Whether they look like the brand of whom they are for. */
  readonly branded: boolean;
  /** @throws RefusedError for a statement that cannot be written in this way; others can */
  write(statement: Statement, brand: Brand | null): string | Buffer | Promise<Buffer>;
}

/** Statements on their way into files. */
export interface StatementBatch {
  readonly count: number;
  readonly statements: AsyncIterable<{ readonly partnerId: number; readonly statement: Statement }>;
}

/** Writes a file for each, as `writePapers` does. */
export async function writeBatch(
  ctx: Context,
  tx: Connection,
  { count, statements }: StatementBatch,
  directory: string,
  { ending, branded, write }: StatementWriter,
): Promise<WrittenPapers> {
  async function* papers(): AsyncIterable<Paper> {
    for await (const { partnerId, statement } of statements) {
      const { partner, currency, period } = statement.content;
      yield {
        ...{ number: statement.number, partner: partner.code, currency },
        write: async () => {
          const brand = branded ? await brandOver(tx, partnerId, addDays(period.to, -1)) : null;
          return await write(statement, brand === null ? null : brandOf(brand));
        },
      };
    }
  }
  return await writePapers(ctx, { of: 'statements', ending, count, papers: papers() }, directory);
}
