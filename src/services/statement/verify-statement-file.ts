import { brandOver } from '../../db/queries/brands.ts';
import { readOneMoment } from '../../db/queries/as-of.ts';
import { addDays } from '../../domain/dates.ts';
import { formatStatementNumber, type Statement } from '../../domain/statement.ts';
import { brandOf } from '../brand/brand-view.ts';
import type { Context } from '../context.ts';
import { FileComparison, readableBytes, type FirstDifference } from '../export/file-comparison.ts';
import type { FileProof } from '../export/file-proof.ts';
import { findStatement } from './find-statement.ts';
import type { StatementWriter } from './statement-files.ts';
import { issuedStatement } from './write-statements.ts';

/**
 * Proves a file to be that of a statement: it is written again, on each paper there is, and compared byte by byte. A PDF looks as
 * it did when it was written: it may be of before its months were closed, or of before it was voided, and that is told. Reads
 * only. Throws NotFoundError `statement_not_found`, IntegrityError `statement_differs`, RefusedError of what cannot be written.
 */
export async function verifyStatementFile(
  ctx: Context,
  number: number,
  bytes: Buffer,
  writers: readonly StatementWriter[],
): Promise<FileProof> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const row = await findStatement(tx, number);
    const issued = await issuedStatement(ctx, tx, row);
    const branding = await brandOver(tx, row.partnerId, addDays(row.periodTo, -1));
    const brand = branding === null ? null : brandOf(branding);
    const called = formatStatementNumber(number);
    const proof = { of: `statement ${called}`, asOf: row.instant, unproved: [] };
    let difference: FirstDifference | null = null;
    for (const { statement, notes } of standingsOf(issued)) {
      for (const writer of writers) {
        const again = Buffer.from(await writer.write(statement, writer.branded ? brand : null));
        if (again.equals(bytes)) {
          return { ...proof, whole: true, repeatable: true, difference: null, findings: [], remedy: '', notes };
        }
        if (!writer.branded) difference ??= await firstDifference(bytes, again, writer.ending === 'csv');
      }
    }
    const { ending, branded } = writers[0]!;
    return {
      ...{ ...proof, whole: false, repeatable: false, difference, notes: [] },
      findings: [
        `it is not what ${called} says as ${ending.toUpperCase()}${branded ? ', by the brand of its partner as it is now' : ''}`,
      ],
      remedy: `\`revshare statement files ${called} --format ${ending} --out DIRECTORY\` writes it, \`statement verify ${called}\` proves what it says`,
    };
  });
}

/** As it is now, and as it was before its months were closed and before it was voided. */
function standingsOf(now: Statement): { readonly statement: Statement; readonly notes: readonly string[] }[] {
  const voids = now.voided ? [false, true] : [false];
  const closes = now.closed === null ? [false] : [false, true];
  return voids.flatMap((beforeVoid) =>
    closes.map((beforeClose) => ({
      statement: {
        ...now,
        ...(beforeVoid ? { voided: false } : {}),
        ...(beforeClose || now.closed === null ? { closed: null } : {}),
      },
      notes: [
        ...(now.voided ? ['it is void'] : []),
        ...(beforeClose ? ['it was written before its months were closed'] : []),
      ],
    })),
  );
}

async function firstDifference(file: Buffer, books: Buffer, heading: boolean): Promise<FirstDifference | null> {
  const comparison = new FileComparison(readableBytes(file), heading);
  await comparison.take(books);
  await comparison.end();
  return comparison.first;
}
