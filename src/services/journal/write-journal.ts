import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import stringify from 'safe-stable-stringify';
import { currentMoment } from '../../db/queries/as-of.ts';
import type { Connection } from '../../db/connection.ts';
import {
  insertJournal,
  journalMovements,
  nextJournalNumber,
  selectJournals,
  type JournalRow,
} from '../../db/queries/journals.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import {
  debitedBy,
  formatJournalNumber,
  journalEntries,
  unmappedAccounts,
  type AccountingProfile,
  type JournalEntry,
  type JournalGrouping,
  type JournalTarget,
} from '../../domain/accounting.ts';
import { addDays, addMonthsClamped } from '../../domain/dates.ts';
import { IntegrityError, RefusedError, UsageError } from '../../domain/errors.ts';
import { draftFile } from '../../files/publish.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readAccountingProfile } from '../../formats/accounting/profile.ts';
import { accountingWriter, OWN_NAMES } from '../../formats/accounting/writer.ts';
import type { Context } from '../context.ts';
import { parseMonth } from '../period/list-periods.ts';
import { findJournal, journalView, type JournalView } from './journal-view.ts';

export interface WrittenJournal extends JournalView {
  /** False where it had been handed over before: the file is the same, byte for byte. */
  readonly made: boolean;
  readonly path: string;
  readonly bytes: number;
}

export interface JournalAsked {
  readonly period: string;
  readonly format: JournalTarget;
  /** Only of this currency; default all. */
  readonly currency: string | null;
  readonly grouping: JournalGrouping;
  /** The file that says what our accounts are called there, and what messages call it. */
  readonly profile: { readonly path: string; readonly label: string } | null;
}

/**
 * Hands over the ledger of a closed period as journal entries, and records it: a number, what it moves, the hash of its file.
 * Asked again it writes the same bytes and records nothing; anything else of that period for those books is refused until it is
 * taken back.
 *
 * Writes. Throws UsageError `period_no_month`, `profile_missing`, `accounts_unmapped`, `journal_format`; RefusedError
 * `journal_refused` where the period is not closed or handed over otherwise; IntegrityError `journal_differs`; and what a file
 * may be refused for.
 */
export async function exportJournal(ctx: Context, asked: JournalAsked, out: string): Promise<WrittenJournal> {
  const { format, currency, grouping } = asked;
  const { from: startsOn } = parseMonth(ctx, asked.period);
  const profile = await readProfile(asked);
  return await writeOut(ctx, out, async (tx) => {
    const known = (await selectJournals(tx, { startsOn, format, live: true }, ALL_ROWS)).find(
      (row) => row.currency === null || currency === null || row.currency === currency,
    );
    if (known !== undefined) {
      assertSame(known, { currency, grouping, profile });
      return { text: await writtenAgain(tx, known), row: known, made: false };
    }
    const number = await nextJournalNumber(tx);
    const { instant, snapshot } = await currentMoment(tx);
    const draft = { number, startsOn, format, currency, grouping, profile, instant, snapshot };
    return await record(tx, { ...draft, dated: null, reason: null, reverses: null }, null, out);
  });
}

/**
 * Takes a journal back whole: the same entries with debit and credit exchanged, on their own days or on one. From then on its
 * period may be handed over anew. Asked again it writes the same bytes; on other days it is refused, for then they would not be what
 * was asked for. Writes. Throws NotFoundError `journal_not_found`, RefusedError `journal_refused`, and as `exportJournal`.
 */
export async function reverseJournal(
  ctx: Context,
  asked: { readonly number: number; readonly reason: string; readonly dated: string | null },
  out: string,
): Promise<WrittenJournal> {
  return await writeOut(ctx, out, async (tx) => {
    const taken = await findJournal(tx, asked.number);
    if (taken.reversedBy !== null) {
      const reversal = await findJournal(tx, taken.reversedBy);
      assertSameDay(reversal, asked.dated);
      return { text: await writtenAgain(tx, reversal), row: reversal, made: false };
    }
    const { dated, reason } = asked;
    if (dated !== null && dated < taken.startsOn) {
      const number = formatJournalNumber(taken.number);
      throw new RefusedError('journal_refused', `${number} begins on ${taken.startsOn}, after ${dated}`, {
        hint: 'what takes it back is not of a day before it',
      });
    }
    const number = await nextJournalNumber(tx);
    return await record(tx, { ...taken, number, dated, reason, reverses: taken.number }, taken.id, out);
  });
}

interface Made {
  readonly text: string;
  readonly row: JournalRow;
  readonly made: boolean;
}

/** What a row says before it is one. */
type Draft = Omit<
  JournalRow,
  'id' | 'totals' | 'entries' | 'contentHash' | 'fileName' | 'createdBy' | 'recordedAt' | 'reversedBy'
>;

async function record(tx: Connection, draft: Draft, reversesId: number | null, out: string): Promise<Made> {
  const entries = await entriesOf(tx, draft);
  const text = textOf(draft, entries);
  await insertJournal(tx, {
    ...draft,
    reversesId,
    totals: debitedBy(entries),
    entries: entries.length,
    contentHash: sha256(text),
    fileName: basename(out),
  });
  return { text, row: await findJournal(tx, draft.number), made: true };
}

/** The file appears when what it says is committed; where that fails, the next time writes the same. */
async function writeOut(ctx: Context, out: string, make: (tx: Connection) => Promise<Made>): Promise<WrittenJournal> {
  const draft = await draftFile(out);
  try {
    const { text, row, made } = await ctx.write(make);
    await draft.write(Buffer.from(text));
    const { bytes } = await draft.finish();
    if (!ctx.dryRun) await draft.publish();
    return { ...journalView(row), made, path: draft.path, bytes };
  } finally {
    await draft.discard();
  }
}

async function entriesOf(tx: Connection, row: Draft): Promise<JournalEntry[]> {
  const { startsOn: from, number, grouping, dated, reverses, profile, format } = row;
  const to = addMonthsClamped(from, 1);
  const partners = accountingWriter(format).byPartner || (profile ?? OWN_NAMES).partners;
  return journalEntries(await journalMovements(tx, { from, to }, row.currency, row), {
    ...{ grouping, partners, number: formatJournalNumber(number), last: addDays(to, -1) },
    reversal: reverses === null ? null : { of: formatJournalNumber(reverses), dated },
  });
}

function textOf({ format, profile }: Draft, entries: readonly JournalEntry[]): string {
  const writer = accountingWriter(format);
  const names = profile ?? OWN_NAMES;
  const unmapped = writer.wantsProfile ? unmappedAccounts(entries, names) : [];
  if (unmapped.length > 0) {
    throw new UsageError(
      'accounts_unmapped',
      `the profile does not say what these are called there: ${unmapped.join(', ')}`,
      {
        hint: `add them to [${format}.accounts]`,
      },
    );
  }
  const refusals = writer.refusals(entries);
  if (refusals.length > 0) throw new UsageError('journal_format', refusals.join('; '));
  return writer.write(entries, names);
}

/** The text of its file. Throws IntegrityError `journal_differs` where that would not be what it was. */
export async function writtenAgain(tx: Connection, row: JournalRow): Promise<string> {
  const text = textOf(row, await entriesOf(tx, row));
  if (sha256(text) === row.contentHash) return text;
  throw new IntegrityError(
    'journal_differs',
    `${formatJournalNumber(row.number)} is not what it was when it was handed over`,
    {
      hint: 'run `revshare doctor`, and hand over nothing until it is understood; another version of this tool may write otherwise',
    },
  );
}

/** @throws RefusedError `journal_refused` where a period was handed over in another way */
function assertSame(
  known: JournalRow,
  asked: { currency: string | null; grouping: JournalGrouping; profile: AccountingProfile | null },
): void {
  const number = formatJournalNumber(known.number);
  const other = [
    ...(known.currency === asked.currency
      ? []
      : [known.currency === null ? 'in all currencies' : `in ${known.currency}`]),
    ...(known.grouping === asked.grouping ? [] : [`by ${known.grouping}`]),
    ...(stringify(known.profile) === stringify(asked.profile) ? [] : ['by another profile']),
  ];
  if (other.length === 0) return;
  throw new RefusedError('journal_refused', `${number} has handed the period over already, ${other.join(', ')}`, {
    hint: `take it back first: revshare journal reverse ${number} --reason … --out FILE`,
  });
}

/** @throws RefusedError `journal_refused` where a journal was taken back on other days */
function assertSameDay(reversal: JournalRow, asked: string | null): void {
  if (reversal.dated === asked) return;
  const days = (dated: string | null): string => (dated === null ? 'the days of its entries' : dated);
  throw new RefusedError(
    'journal_refused',
    `it was taken back by ${formatJournalNumber(reversal.number)} on ${days(reversal.dated)}, not on ${days(asked)}`,
    {
      hint:
        reversal.dated === null
          ? 'leave --date out for the same file again'
          : `--date ${reversal.dated} writes the same file again`,
    },
  );
}

/** @throws UsageError `profile_missing` where their books know our accounts only by names of their own */
async function readProfile({ format, profile }: JournalAsked): Promise<AccountingProfile | null> {
  const said =
    profile === null
      ? null
      : readAccountingProfile((await readWhole(profile.path, profile.label)).toString('utf8'), profile.label, format);
  if (said !== null || !accountingWriter(format).wantsProfile) return said;
  throw new UsageError('profile_missing', `nothing says what our accounts are called in the books of ${format}`, {
    hint: `give --accounts FILE with [${format}.accounts], or set journal_accounts in revshare.toml`,
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
