import { createHash } from 'node:crypto';
import type { Connection } from '../../db/connection.ts';
import type { RegisterRow } from '../../db/queries/payout-registers.ts';
import {
  insertPayoutFile,
  payoutFileRows,
  railProfileRows,
  submissionsOfDay,
  type PayoutFileRow,
} from '../../db/queries/rails.ts';
import { IntegrityError, RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { localTime } from '../../domain/dates.ts';
import type { FileRailName } from '../../domain/rail-names.ts';
import type { TextChange } from '../../formats/payments/payment.ts';
import type { FileFacts, FileRail, RailProfile } from '../../rails/file-rail.ts';
import { fileRail, paymentDate, railFor } from '../../rails/file-rails.ts';
import type { Context } from '../context.ts';
import { openDetails } from '../instrument/sealed-details.ts';
import { ownHolidays } from './payout-calendar.ts';

/** A file that a rail left, without what stands in it. */
export interface PayoutFile {
  readonly name: string;
  readonly rail: FileRailName;
  readonly currency: string;
  readonly payouts: number;
  readonly total: string;
  /** When payees are to have it. */
  readonly date: string;
  readonly sha256: string;
}

/** The same with it. */
export interface WrittenFile extends PayoutFile {
  readonly content: string;
}

export interface ComposedFiles {
  readonly files: readonly WrittenFile[];
  /** Texts that a file says otherwise than the books: other letters, or shorter. */
  readonly changes: readonly TextChange[];
}

/**
 * The files of a submission, a file for each rail and currency, or more where a rail takes no more in one: composed of
 * the opened account data, hashed, and kept with the payouts in them. What no rail with a profile pays to is left for the
 * register.
 *
 * Writes. Throws UnavailableError `keys_missing`, `key_wrong`, and RefusedError for what a file cannot say, by payout and field.
 */
export async function composeFiles(
  ctx: Context,
  tx: Connection,
  submission: number,
  rows: readonly RegisterRow[],
): Promise<ComposedFiles> {
  const profiles = await railProfileRows(tx, null);
  const holidays = await ownHolidays(tx);
  const profileOf = (name: FileRailName) => profiles.find(({ rail }) => rail === name);
  const made: ComposedFiles[] = [];
  for (const { rail, currency, paid } of byRail(rows, (name) => profileOf(name) !== undefined)) {
    const { id: profileId, profile } = profileOf(rail.name)!;
    const createdAt = localTime(ctx.clock.now(), ctx.zone);
    const facts: FileFacts = {
      createdAt,
      date: paymentDate(rail, profile, createdAt, holidays),
      modifier: modifierOf(rail, await submissionsOfDay(tx, rail.name, createdAt.slice(0, 10))),
      reference: referenceOf(ctx, rows[0]!.number),
    };
    const { files, changes } = await written(ctx, tx, { rail, profile, facts, paid });
    for (const [index, { content, payouts, total }] of files.entries()) {
      await insertPayoutFile(tx, {
        ...{ postingId: submission, profileId, currency, part: index + 1, payouts, total, facts: { ...facts } },
        name: fileName(ctx, rail, { first: rows[0]!.number, currency, part: index + 1, parts: files.length }),
        sha256: sha256Of(content),
      });
    }
    made.push({ files: await kept(tx, submission, rail.name, currency, files), changes });
  }
  return { files: made.flatMap(({ files }) => files), changes: made.flatMap(({ changes }) => changes) };
}

/**
 * The files of submissions again, the same bytes whatever became of payouts, partners and profiles since. Reads only.
 * Throws UnavailableError `keys_missing`, `key_wrong`, IntegrityError `seal_broken`, `file_differs`.
 */
export async function remakeFiles(
  ctx: Context,
  tx: Connection,
  files: readonly PayoutFileRow[],
  rows: readonly RegisterRow[],
): Promise<WrittenFile[]> {
  const again: WrittenFile[] = [];
  for (const first of files.filter(({ part }) => part === 1)) {
    const parts = files.filter(
      (one) => one.postingId === first.postingId && one.rail === first.rail && one.currency === first.currency,
    );
    const ids = parts.map(({ id }) => id);
    const { files: made } = await written(ctx, tx, {
      rail: fileRail(first.rail),
      profile: first.profile,
      facts: first.facts as unknown as FileFacts,
      paid: rows.filter(({ fileId }) => fileId !== null && ids.includes(fileId)),
    });
    for (const [index, row] of parts.entries()) {
      const content = made[index]?.content ?? '';
      if (sha256Of(content) !== row.sha256) {
        throw new IntegrityError('file_differs', `the file ${row.name} cannot be made again: it would be another`, {
          hint: 'its account data, its payouts or this tool are not what they were; pay by the file as it was handed in',
          details: { sha256: row.sha256 },
        });
      }
      again.push({ ...fileView(row), content });
    }
  }
  return again;
}

export function fileView({ name, rail, currency, payouts, total, facts, sha256 }: PayoutFileRow): PayoutFile {
  const amount = formatMinor(BigInt(total), currency);
  return { name, rail, currency, payouts, total: amount, date: facts['date']!, sha256 };
}

/** Payouts by rail and currency, each in the order of their numbers. */
function byRail(rows: readonly RegisterRow[], hasProfile: (name: FileRailName) => boolean) {
  const groups = new Map<string, { rail: FileRail; currency: string; paid: RegisterRow[] }>();
  for (const row of rows) {
    const rail = railFor(row.kind, row.currency, hasProfile);
    if (rail === null) continue;
    const key = `${rail.name} ${row.currency}`;
    const group = groups.get(key) ?? { rail, currency: row.currency, paid: [] };
    groups.set(key, group);
    group.paid.push(row);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

interface Order {
  readonly rail: FileRail;
  readonly profile: RailProfile;
  readonly facts: FileFacts;
  readonly paid: readonly RegisterRow[];
}

async function written(ctx: Context, tx: Connection, { rail, profile, facts, paid }: Order) {
  const opened = await openDetails(
    ctx,
    tx,
    paid.map(({ instrumentId }) => instrumentId!),
  );
  const details = new Map(opened.map((one) => [one.instrumentId, one.details]));
  const payments = paid.map((row) => ({ ...row, kind: row.kind!, details: details.get(row.instrumentId!)! }));
  return rail.write(profile, payments, facts);
}

async function kept(
  tx: Connection,
  submission: number,
  rail: FileRailName,
  currency: string,
  files: readonly { readonly content: string }[],
): Promise<WrittenFile[]> {
  const rows = await payoutFileRows(tx, [submission]);
  const own = rows.filter((row) => row.rail === rail && row.currency === currency);
  return own.map((row, index) => ({ ...fileView(row), content: files[index]!.content }));
}

const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex');

/** Programmes may pay by one bank, which refuses a second file of the same reference: 35 letters, digits and hyphens. */
const referenceOf = ({ programme }: Context, first: string) =>
  `${programme.replaceAll('_', '-').slice(0, 34 - first.length)}-${first}`;

const MODIFIERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** @throws RefusedError `files_of_day` */
function modifierOf(rail: FileRail, before: number): string {
  const modifier = MODIFIERS[before];
  if (modifier !== undefined) return modifier;
  throw new RefusedError('files_of_day', `${before} submissions by ${rail.name} are the most of a day`, {
    hint: 'submit the rest tomorrow, and whole runs rather than payouts one by one',
  });
}

function fileName(
  { programme }: Context,
  { name, ending }: FileRail,
  { first, currency, part, parts }: { first: string; currency: string; part: number; parts: number },
): string {
  return `${name}-${programme}-${first}-${currency}${parts === 1 ? '' : `-${part}`}.${ending}`;
}
