import type {
  AccountingProfile,
  DateFormat,
  JournalEntry,
  JournalLine,
  JournalTarget,
} from '../../domain/accounting.ts';
import { accountName, accountPath } from '../../domain/chart.ts';
import { currency } from '../../domain/currencies.ts';
import { formatMinor } from '../../domain/money.ts';
import { journalWriter, type JournalFormat } from '../journal.ts';
import { writeCsv } from '../list-csv.ts';

/** How journal entries are written for the books of one kind. Pure: the same bytes for the same entries and profile. */
export interface AccountingWriter {
  readonly ending: string;
  /** Their books know our accounts only by names of their own, so a profile has to say them. */
  readonly wantsProfile: boolean;
  /** A line for each partner, whatever a profile says. */
  readonly byPartner: boolean;
  /** What their import would refuse; nothing: it is as they want it. */
  refusals(entries: readonly JournalEntry[]): readonly string[];
  write(entries: readonly JournalEntry[], profile: AccountingProfile): string;
}

export function accountingWriter(target: JournalTarget): AccountingWriter {
  return WRITERS[target];
}

/** Of books that call our accounts as we do. */
export const OWN_NAMES: AccountingProfile = { partners: true, accounts: {}, names: {} };

// ── CSV ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Line {
  readonly entry: JournalEntry;
  readonly line: JournalLine;
  readonly profile: AccountingProfile;
}
type Cell = (row: Line) => string;

const date =
  (usual: DateFormat): Cell =>
  ({ entry, profile }) => {
    const [year, month, day] = entry.date.split('-') as [string, string, string];
    const written = {
      'YYYY-MM-DD': entry.date,
      'MM/DD/YYYY': `${month}/${day}/${year}`,
      'DD/MM/YYYY': `${day}/${month}/${year}`,
    };
    return written[profile.date_format ?? usual];
  };
const theirs: Cell = ({ line, profile }) =>
  profile.accounts[line.account]?.account ?? accountName({ type: line.account, partner: null, instance: null });
const of =
  (what: 'class' | 'location' | 'tax_rate', otherwise = ''): Cell =>
  ({ line, profile }) =>
    profile.accounts[line.account]?.[what] ?? otherwise;
const name: Cell = ({ line: { partner }, profile }) => (partner === null ? '' : (profile.names[partner] ?? partner));
const amount = (minor: bigint, { entry }: Line) => (minor === 0n ? '' : formatMinor(minor, entry.currency));
const debit: Cell = (row) => amount(row.line.debit, row);
const credit: Cell = (row) => amount(row.line.credit, row);

interface CsvBooks {
  readonly columns: readonly (readonly [heading: string, cell: Cell])[];
  readonly wantsProfile: boolean;
  readonly refusals?: (entries: readonly JournalEntry[]) => readonly string[];
}

function csvWriter({ columns, wantsProfile, refusals = () => [] }: CsvBooks): AccountingWriter {
  return {
    ...{ ending: 'csv', wantsProfile, byPartner: false, refusals },
    write: (entries, profile) =>
      writeCsv(
        columns.map(([heading]) => heading),
        entries.flatMap((entry) =>
          entry.lines.map((line) => columns.map(([, cell]) => cell({ entry, line, profile }))),
        ),
      ),
  };
}

/** Currencies that have more decimals than their import takes. */
function finerThanCents(entries: readonly JournalEntry[], whose: string): string[] {
  const codes = new Set(entries.map((entry) => entry.currency).filter((code) => currency(code).minorUnits > 2));
  return [...codes].map(
    (code) => `${whose} takes two decimals, and ${code} has ${currency(code).minorUnits}: leave it out by --currency`,
  );
}

/** Lines of one file of Xero's import. */
const XERO_LINES = 300;

// ── Plain text ────────────────────────────────────────────────────────────────────────────────────────────────────────

function plainWriter(format: JournalFormat, ending: string): AccountingWriter {
  const writer = journalWriter(format);
  const path = ({ account, partner }: JournalLine) => accountPath({ type: account, partner, instance: null });
  return {
    ...{ ending, wantsProfile: false, byPartner: true, refusals: () => [] },
    write(entries) {
      const accounts = new Map<string, { path: string[]; currencies: Set<string> }>();
      for (const { lines, currency: code } of entries) {
        for (const line of lines) {
          const key = path(line).join(':');
          const known = accounts.get(key) ?? { path: path(line), currencies: new Set() };
          accounts.set(key, { ...known, currencies: known.currencies.add(code) });
        }
      }
      const from = entries.map((entry) => entry.date).sort()[0] ?? '';
      const used = [...accounts.entries()]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, account]) => ({ path: account.path, currencies: [...account.currencies] }));
      const written = entries.map(({ number, date: on, memo, currency: code, lines }) =>
        writer.postings({
          ...{ date: on, number, called: 'journal', description: memo, facts: {}, currency: code },
          postings: lines.map((line) => ({ path: path(line), amount: line.debit - line.credit })),
        }),
      );
      return used.length === 0 ? '' : writer.head(used, from) + written.join('');
    },
  };
}

/** By what each vendor publishes of its import; help says so, and that nobody tried it on theirs. */
const WRITERS: Readonly<Record<JournalTarget, AccountingWriter>> = {
  generic: csvWriter({
    wantsProfile: false,
    columns: [
      ['journal', ({ entry }) => entry.number],
      ['date', date('YYYY-MM-DD')],
      ['account', theirs],
      ['partner', name],
      ['debit', debit],
      ['credit', credit],
      ['currency', ({ entry }) => entry.currency],
      ['memo', ({ entry }) => entry.memo],
      ['class', of('class')],
      ['location', of('location')],
    ],
  }),
  // Account numbers turned off; a line of accounts payable or receivable wants the name of a vendor or customer.
  quickbooks: csvWriter({
    wantsProfile: true,
    columns: [
      ['Journal No', ({ entry }) => entry.number],
      ['Journal Date', date('MM/DD/YYYY')],
      ['Account Name', theirs],
      ['Debits', debit],
      ['Credits', credit],
      ['Description', ({ entry }) => entry.memo],
      ['Name', name],
      ['Currency', ({ entry }) => entry.currency],
      ['Location', of('location')],
      ['Class', of('class')],
    ],
  }),
  // Rows of one narration and date are one journal; a debit is above zero, a credit below; the currency is the organisation's.
  xero: csvWriter({
    wantsProfile: true,
    columns: [
      ['*Narration', ({ entry }) => `${entry.number} ${entry.memo}`],
      ['*Date', date('DD/MM/YYYY')],
      ['Description', (row) => [row.entry.memo, name(row)].filter((part) => part !== '').join(' ')],
      ['*AccountCode', theirs],
      ['*TaxRate', of('tax_rate', 'Tax Exempt')],
      ['*Amount', ({ entry, line }) => formatMinor(line.debit - line.credit, entry.currency)],
      ['TrackingName1', (row) => (of('class')(row) === '' ? '' : 'Class')],
      ['TrackingOption1', of('class')],
      ['TrackingName2', (row) => (of('location')(row) === '' ? '' : 'Location')],
      ['TrackingOption2', of('location')],
    ],
    refusals(entries) {
      const codes = [...new Set(entries.map((entry) => entry.currency))];
      const lines = entries.reduce((sum, entry) => sum + entry.lines.length, 0);
      return [
        ...(codes.length > 1
          ? [
              `Xero’s manual journals are in the organisation’s currency, and these are in ${codes.join(', ')}: say which by --currency`,
            ]
          : []),
        ...(lines > XERO_LINES
          ? [`Xero takes ${XERO_LINES} lines in a file, and these are ${lines}: --by period makes fewer`]
          : []),
        ...finerThanCents(entries, 'Xero'),
      ];
    },
  }),
  // The head of an entry is repeated on each of its lines.
  netsuite: csvWriter({
    wantsProfile: true,
    columns: [
      ['External ID', ({ entry }) => entry.number],
      ['Date', date('MM/DD/YYYY')],
      ['Subsidiary', ({ profile }) => profile.subsidiary ?? ''],
      ['Currency', ({ entry }) => entry.currency],
      ['Memo', ({ entry }) => entry.memo],
      ['Journal Entry - Line: Account', theirs],
      ['Journal Entry - Line: Debit', debit],
      ['Journal Entry - Line: Credit', credit],
      ['Journal Entry - Line: Memo', ({ entry }) => entry.memo],
      ['Journal Entry - Line: Name', name],
      ['Journal Entry - Line: Class', of('class')],
      ['Journal Entry - Line: Location', of('location')],
    ],
    refusals: (entries) => finerThanCents(entries, 'NetSuite'),
  }),
  hledger: plainWriter('hledger', 'journal'),
  beancount: plainWriter('beancount', 'beancount'),
};
