import { businessDaysLater, type Calendar, type OwnHolidays } from '../domain/business-days.ts';
import { addDays } from '../domain/dates.ts';
import type { InstrumentKind } from '../domain/instruments.ts';
import type { FileRailName } from '../domain/rail-names.ts';
import type { FileRail, RailProfile } from './file-rail.ts';
import { nacha } from './nacha.ts';
import { paypal } from './paypal.ts';
import { sepa } from './sepa.ts';
import { wise } from './wise.ts';

/** In the order in which they are asked: a bank's own file goes before what a provider takes for it. */
export const fileRails: readonly FileRail[] = [sepa, nacha, paypal, wise];

export const fileRail = (name: FileRailName): FileRail => fileRails.find((rail) => rail.name === name)!;

/** The first rail with a profile that pays to such an account; null: it is paid by hand, from the register. */
export function railFor(
  kind: InstrumentKind | null,
  currency: string,
  hasProfile: (name: FileRailName) => boolean,
): FileRail | null {
  if (kind === null) return null;
  return fileRails.find((rail) => hasProfile(rail.name) && rail.takes(kind, currency)) ?? null;
}

/**
 * When payees are to have the money of a file that is made at this local time: on a banking day of the rail, which a file
 * after the bank's cut-off hour reaches a day later. Pure.
 */
export function paymentDate(rail: FileRail, profile: RailProfile, localTime: string, own: OwnHolidays): string {
  const day = localTime.slice(0, 10);
  if (rail.calendar === null) return day;
  const late = Number(localTime.slice(11, 13)) >= Number(profile['cutoff_hour'] ?? 24);
  const calendar = (profile['calendar'] as Calendar | undefined) ?? rail.calendar;
  return businessDaysLater(late ? addDays(day, 1) : day, rail.days, calendar, own);
}
