import type { Brand } from '../../domain/brand.ts';
import type { Statement } from '../../domain/statement.ts';
import { openPrinter, type PrinterOptions } from './printer.ts';
import { statementSheet } from './statement-wording.ts';

/** A printed statement; what it says arrives as it is to be read, without controls. */
export type StatementPrinter = (statement: Statement, brand: Brand | null) => Promise<Buffer>;

/** Opens what printing statements needs, once for a batch. The printer throws as that of `openPrinter`. */
export async function openStatementPrinter({ paper, actorsClaimed }: PrinterOptions): Promise<StatementPrinter> {
  const print = await openPrinter(paper);
  return async (statement, brand) => await print(statementSheet(statement, actorsClaimed), brand);
}
