import { programmeRow } from '../../db/queries/programme.ts';
import { tierRates, tierTermsVersions, type TierTermsRow } from '../../db/queries/tier-terms.ts';
import type { Connection } from '../../db/connection.ts';
import { versionOn } from '../versions/say-over.ts';

/** A tier as it is on a day: what it asks for a month, what it pays, what else it gives. */
export interface Tier extends Omit<TierTermsRow, 'valid' | 'id'> {
  /** The programme's: thresholds are in it. */
  readonly currency: string;
  readonly from: string | null;
  readonly to: string | null;
  /** What its own rule pays where nothing narrower speaks; null where it has none, or one that is no percentage. */
  readonly ratePpm: number | null;
}

/** The tiers on a day, lowest first. Reads only. */
export async function tiersOn(tx: Connection, day: string): Promise<Tier[]> {
  const { currency } = (await programmeRow(tx))!;
  const rates = await tierRates(tx, day);
  const rows = await tierTermsVersions(tx);
  const codes = [...new Set(rows.map(({ tier }) => tier))];
  return codes.flatMap((code) => {
    const row = versionOn(
      rows.filter(({ tier }) => tier === code),
      day,
    );
    return row === undefined ? [] : [tierView(row, currency, rates.get(code) ?? null)];
  });
}

export function tierView(row: TierTermsRow, currency: string, ratePpm: number | null): Tier {
  const { id: _, valid, ...says } = row;
  return { ...says, ...valid, currency, ratePpm };
}
