import type { InstrumentRow } from '../../db/queries/instruments.ts';
import {
  formatInstrumentCode,
  standingOf,
  type InstrumentKind,
  type InstrumentStanding,
} from '../../domain/instruments.ts';

/** A version of an instrument as people and scripts read it: never its account data. */
export interface Instrument {
  /** PARTNER/CURRENCY */
  readonly instrument: string;
  readonly partner: string;
  readonly currency: string;
  readonly version: number;
  readonly kind: InstrumentKind;
  readonly account: string;
  readonly country: string | null;
  readonly standing: InstrumentStanding;
  readonly usableOn: string;
  readonly addedBy: string;
  readonly addedAt: string;
  readonly verifiedBy: string | null;
  readonly verifiedAt: string | null;
  readonly retiredBy: string | null;
  readonly reason: string | null;
}

export function instrumentView(row: InstrumentRow): Instrument {
  const { partner, currency, version, kind, country, usableOn, verifiedBy, verifiedAt, retiredBy } = row;
  return {
    instrument: formatInstrumentCode({ partner, currency, version: null }),
    ...{ partner, currency, version, kind, account: row.mask, country },
    standing: row.superseded ? 'superseded' : standingOf(row.obstacle),
    ...{ usableOn, addedBy: row.createdBy, addedAt: row.recordedAt, verifiedBy, verifiedAt, retiredBy },
    reason: row.retiredBecause,
  };
}
