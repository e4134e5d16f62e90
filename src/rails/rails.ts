import type { Calendar } from '../domain/business-days.ts';
import type { InstrumentKind } from '../domain/instruments.ts';
import { RAILS, type RailName } from '../domain/rail-names.ts';
import type { Field } from '../formats/fields.ts';
import { apiRailFor, apiRails } from './api-rails.ts';
import { fileRails, railFor } from './file-rails.ts';

/** What any rail says of itself. */
export interface AnyRail {
  readonly name: RailName;
  readonly about: string;
  readonly fields: readonly Field[];
  /** The calendar that it goes by, unless the profile says another; null: it pays on any day. */
  readonly calendar: Calendar | null;
}

const all: readonly AnyRail[] = [...fileRails, ...apiRails.map((rail) => ({ ...rail, calendar: null }))];

export const anyRail = (name: RailName): AnyRail => all.find((rail) => rail.name === name)!;

/** In the order of their names' list, which is that of help and lists. */
export const rails: readonly AnyRail[] = RAILS.map(anyRail);

/** The rail with a profile that a payout would leave by; null: it is paid by hand. */
export function anyRailFor(
  kind: InstrumentKind | null,
  currency: string,
  hasProfile: (name: RailName) => boolean,
): AnyRail | null {
  const found = apiRailFor(kind, currency, hasProfile) ?? railFor(kind, currency, hasProfile);
  return found === null ? null : anyRail(found.name);
}
