import type { Connection } from '../../db/connection.ts';
import {
  ledgerCopy,
  ledgerTotals,
  selectedTransfers,
  usedAccounts,
  type LedgerSelection,
  type TransferRow,
} from '../../db/queries/ledger.ts';
import { accountPath } from '../../domain/chart.ts';
import { journalWriter, type JournalFormat, type JournalTransaction } from '../../formats/journal.ts';
import { filterParties } from '../export/parties.ts';
import { exportSum, type ExportSchema } from '../export/schema.ts';
import { ledgerColumnsV1 } from './columns-v1.ts';

const PAGE = 5_000;

/** The ledger of a period, version 1: rows as columns-v1.ts has them, or a journal with one transaction a transfer. */
export const ledgerExportV1: ExportSchema = {
  name: 'ledger',
  version: 1,
  columns: ledgerColumnsV1,
  summed: 'amount',
  async prepare(tx, filter, asOf) {
    const { period, currency } = filter;
    const selection = { ...period, ...(await filterParties(tx, filter)), currency, asOf };
    return {
      facts: {},
      statement: (shape) => ledgerCopy(ledgerColumnsV1, selection, shape),
      journal: (format) => journalOf(tx, selection, format),
      sums: async () => (await ledgerTotals(tx, selection)).map(exportSum),
    };
  },
};

async function* journalOf(
  tx: Connection,
  selection: LedgerSelection,
  format: JournalFormat,
): AsyncGenerator<{ text: string; rows: number }> {
  const writer = journalWriter(format);
  const accounts = await usedAccounts(tx, selection);
  const used = accounts.map((account) => ({ path: accountPath(account), currencies: account.currencies }));
  yield { text: writer.head(used, selection.from), rows: 0 };
  let last: TransferRow | null = null;
  for (;;) {
    const page: TransferRow[] = await selectedTransfers(tx, selection, last, PAGE);
    if (page.length === 0) return;
    yield { text: page.map((row) => writer.transaction(transactionOf(row))).join(''), rows: page.length };
    last = page.at(-1)!;
  }
}

function transactionOf(row: TransferRow): JournalTransaction {
  return {
    date: row.date,
    id: row.id,
    description: row.kind,
    debit: accountPath({ type: row.debitType, partner: row.debitPartner, instance: row.debitInstance }),
    credit: accountPath({ type: row.creditType, partner: row.creditPartner, instance: row.creditInstance }),
    amount: BigInt(row.amount),
    currency: row.currency,
    facts: { posting: String(row.posting), by: row.by },
  };
}
