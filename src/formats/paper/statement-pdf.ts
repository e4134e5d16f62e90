import type { Brand } from '../../domain/brand.ts';
import type { Statement } from '../../domain/statement.ts';
import type { PaperName } from './pages.ts';
import { openPrinter } from './printer.ts';
import { statementSheet } from './statement-wording.ts';

/** A printed statement; what it says arrives as it is to be read, without controls. */
export type StatementPrinter = (statement: Statement, brand: Brand | null) => Promise<Buffer>;

export interface PrinterOptions {
  readonly paper: PaperName;
  /** Nobody proves the names of those who made and approved it, which it then says. */
  readonly actorsClaimed: boolean;
}

/** Opens what printing statements needs, once for a batch. The printer throws as that of `openPrinter`. */
export async function openStatementPrinter({ paper, actorsClaimed }: PrinterOptions): Promise<StatementPrinter> {
  const print = await openPrinter(paper);
  return async (statement, brand) => await print(statementSheet(statement, actorsClaimed), brand);
}
