import { UsageError } from './errors.ts';

/** An entry by its event and leg; without a leg, all of the event's. */
export interface EntryNumber {
  readonly eventId: number;
  readonly leg: number | null;
}

/** Reads EVENT.LEG or EVENT. @throws UsageError `entry_number` */
export function parseEntry(text: string): EntryNumber {
  const match = /^(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
  if (match === null) {
    throw new UsageError('entry_number', `'${text.slice(0, 40)}' is no entry number`, {
      hint: 'an entry is EVENT.LEG, for example 1042.0; `revshare commission list` shows them',
    });
  }
  return { eventId: Number(match[1]), leg: match[2] === undefined ? null : Number(match[2]) };
}
