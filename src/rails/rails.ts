import type { Calendar } from '../domain/business-days.ts';
import { RAILS, type RailName } from '../domain/rail-names.ts';
import type { Field } from '../formats/fields.ts';
import { apiRails } from './api-rails.ts';
import { fileRails } from './file-rails.ts';

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
