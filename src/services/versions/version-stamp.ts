import type { SettingRow } from '../../db/queries/settings.ts';

/** The days of a version, and who said it under which number. */
export interface VersionStamp {
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number | null;
  /** The number under which it was retired; null while it lives. */
  readonly retiredSeq: number | null;
  readonly setBy: string | null;
  readonly setAt: string | null;
}

/** Of what nobody has said. */
export const UNSAID: VersionStamp = {
  from: null,
  to: null,
  knownSeq: null,
  retiredSeq: null,
  setBy: null,
  setAt: null,
};

/** @param row of any store of versions */
export function stampOf(
  row: Pick<SettingRow, 'valid' | 'knownSeq' | 'retiredSeq' | 'createdBy' | 'recordedAt'>,
): VersionStamp {
  const { valid, knownSeq, retiredSeq, createdBy: setBy, recordedAt: setAt } = row;
  return { ...valid, knownSeq, retiredSeq, setBy, setAt };
}
