import type { Connection } from '../../db/connection.ts';
import { unknownEntries, type EntrySelection } from '../../db/queries/reviews.ts';
import type { CommissionFilter } from '../../db/queries/commissions.ts';
import { NotFoundError, UsageError } from '../../domain/errors.ts';

/** What a review or a hold is about: entries by number, EVENT.LEG or EVENT for all its legs, or all that a filter means. */
export type ReviewSelection = { readonly entries: readonly string[] } | { readonly filter: CommissionFilter };

/**
 * Reads a selection; every number must name an entry. A filter must say something: everything there is, is nobody's
 * meaning. Reads only. Throws UsageError `entry_number`, `filter_empty`, NotFoundError.
 */
export async function parseSelection(tx: Connection, selection: ReviewSelection): Promise<EntrySelection> {
  if ('filter' in selection) {
    if (Object.values(selection.filter).every((value) => value === undefined)) {
      throw new UsageError('filter_empty', 'no entry and no filter was given', {
        hint: 'name entries (EVENT.LEG) or filter them, for example --partner acme',
      });
    }
    return { filter: selection.filter };
  }
  const entries = selection.entries.map((text) => {
    const match = /^(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
    if (match === null) {
      throw new UsageError('entry_number', `'${text.slice(0, 40)}' is no entry number`, {
        hint: 'an entry is EVENT.LEG, for example 1042.0; `revshare commission list` shows them',
      });
    }
    return { eventId: Number(match[1]), leg: match[2] === undefined ? null : Number(match[2]) };
  });
  const [unknown] = await unknownEntries(tx, entries);
  if (unknown !== undefined) {
    throw new NotFoundError('entry', unknown, 'the event may be undecided: try `revshare commission why-not`');
  }
  return { entries };
}
