import { readFile } from 'node:fs/promises';
import type { Connection } from '../../db/connection.ts';
import { unknownEntries, type EntrySelection } from '../../db/queries/reviews.ts';
import { parseEntry, type EntryNumber } from '../../domain/entry-number.ts';
import { UsageError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import { readEntryList } from '../../formats/entry-list.ts';
import { readFilter, type CommissionFilter } from '../commission/commission-filter.ts';
import type { Place, Refusal } from './refusals.ts';

/**
 * What a review or a hold is about: entries by number, EVENT.LEG or EVENT for all its legs; those that a file lists; all
 * that a filter means; or, said in so many words, everything.
 */
export type ReviewSelection =
  | { readonly entries: readonly string[] }
  /** `label` is what messages call it. */
  | { readonly file: { readonly path: string; readonly label: string } }
  | { readonly filter: CommissionFilter }
  | { readonly everything: true };

export interface ParsedSelection {
  readonly selection: EntrySelection;
  /** What was named and is no entry. */
  readonly refused: readonly Refusal[];
  /** Where a file named an entry; null where none did. */
  placeOf(entry: string): Place | null;
}

/**
 * Reads a selection. A filter must say something: everything there is, is nobody's meaning unless it is said.
 * Reads only. Throws UsageError `filter_empty` and for a file, NotFoundError for a code of the filter.
 */
export async function parseSelection(tx: Connection, selection: ReviewSelection): Promise<ParsedSelection> {
  if ('everything' in selection) return filtered({});
  if ('filter' in selection) {
    if (Object.values(selection.filter).every((value) => value === undefined)) {
      throw new UsageError('filter_empty', 'no entry and no filter was given', {
        hint: 'name entries (EVENT.LEG) or filter them, for example --partner acme',
      });
    }
    return filtered(await readFilter(tx, selection.filter));
  }
  const named = 'file' in selection ? await listedIn(selection.file) : selection.entries.map(unplaced);
  return await existing(tx, named);
}

function filtered(filter: Extract<EntrySelection, { filter: unknown }>['filter']): ParsedSelection {
  return { selection: { filter }, refused: [], placeOf: () => null };
}

interface Named {
  readonly text: string;
  readonly place: Place | null;
}

const unplaced = (text: string): Named => ({ text, place: null });

async function listedIn({ path, label }: { path: string; label: string }): Promise<Named[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileFailure(label, error);
  }
  return readEntryList(label, bytes).map(({ line, entry }) => ({ text: entry, place: { file: label, line } }));
}

/** Tells numbers of entries from what is none and from what names nothing. */
async function existing(tx: Connection, named: readonly Named[]): Promise<ParsedSelection> {
  const refused: Refusal[] = [];
  const numbers: EntryNumber[] = [];
  const places = new Map<string, Place>();
  for (const { text, place } of named) {
    try {
      const number = parseEntry(text);
      numbers.push(number);
      if (place !== null) places.set(entryText(number), place);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { message: why, hint = null } = error;
      refused.push({ entry: text.slice(0, 40), place, code: 'entry_number', why, remedy: hint });
    }
  }
  const unknown = new Set(await unknownEntries(tx, numbers));
  const placeOf = (entry: string) => places.get(entry) ?? places.get(entry.split('.')[0]!) ?? null;
  for (const entry of unknown) {
    refused.push({
      ...{ entry, place: placeOf(entry), code: 'entry_not_found', why: `there is no entry '${entry}'` },
      remedy: 'the event may be undecided: try `revshare commission why-not`',
    });
  }
  const entries = numbers.filter((number) => !unknown.has(entryText(number)));
  return { selection: { entries }, refused, placeOf };
}

function entryText({ eventId, leg }: EntryNumber): string {
  return leg === null ? String(eventId) : `${eventId}.${leg}`;
}
