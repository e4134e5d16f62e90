import type { InstrumentKind } from '../domain/instruments.ts';
import type { ApiRailName } from '../domain/rail-names.ts';
import type { ApiRail } from './api-rail.ts';
import { paypalPayouts } from './paypal-payouts.ts';
import { razorpayx } from './razorpayx.ts';
import { stripe } from './stripe.ts';

/** No two of them pay to the same kind of instrument. */
export const apiRails: readonly ApiRail[] = [stripe, paypalPayouts, razorpayx];

export const apiRail = (name: ApiRailName): ApiRail => apiRails.find((rail) => rail.name === name)!;

/** The rail with a profile that a payout is sent by; null: it leaves by a file or by hand. A call goes before a file. */
export function apiRailFor(
  kind: InstrumentKind | null,
  currency: string,
  hasProfile: (name: ApiRailName) => boolean,
): ApiRail | null {
  return apiRails.find((rail) => rail.kind === kind && hasProfile(rail.name) && rail.paysIn(currency)) ?? null;
}
