import { readOneMoment } from '../../db/queries/as-of.ts';
import { selectJournals } from '../../db/queries/journals.ts';
import { formatJournalNumber, parseJournalNumber } from '../../domain/accounting.ts';
import { IntegrityError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import type { FileProof } from '../export/file-proof.ts';
import { writtenAgain } from './write-journal.ts';

/**
 * Proves a file to be that of a journal: by its hash, which was recorded as it was handed over, and by the books, of which it
 * comes out again. Null where it is none. Reads only.
 */
export async function verifyJournalFile(
  ctx: Context,
  file: { sha256: string; start: string },
): Promise<FileProof | null> {
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const named = /\bJ\d{6,15}\b/.exec(file.start)?.[0];
    const [row] = [
      ...(await selectJournals(tx, { contentHash: file.sha256 }, ONE)),
      ...(named === undefined ? [] : await selectJournals(tx, { number: parseJournalNumber(named) }, ONE)),
    ];
    if (row === undefined) return null;
    const number = formatJournalNumber(row.number);
    const whole = row.contentHash === file.sha256;
    const repeatable = await comesAgain(writtenAgain(tx, row));
    return {
      ...{ of: `journal ${number}`, whole, repeatable, asOf: row.instant, difference: null, unproved: [] },
      findings: [
        ...(whole
          ? []
          : [`it is not the file of ${number}, though it speaks of it: that has the hash ${row.contentHash}`]),
        ...(repeatable ? [] : [`the books do not give the file of ${number} again`]),
      ],
      remedy: repeatable
        ? '`revshare journal export`, or `journal reverse`, asked the same again writes the same file'
        : 'run `revshare doctor`; another version of this tool may write otherwise, too',
      notes: row.reversedBy === null ? [] : [`it was taken back by ${formatJournalNumber(row.reversedBy)}`],
    };
  });
}

const ONE = { limit: 1, offset: 0 };

async function comesAgain(written: Promise<string>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}
