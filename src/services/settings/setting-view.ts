import type { SettingRow } from '../../db/queries/settings.ts';
import { subtract } from '../../domain/date-ranges.ts';
import { versionOn } from '../versions/say-over.ts';
import { stampOf, UNSAID, type VersionStamp } from '../versions/version-stamp.ts';
import { settingKind, settingText, type SettingKey, type StoredValue } from '../../domain/settings.ts';

/** What an instance says for itself goes before what the programme says. */
export type SettingOwner = 'programme' | 'instance';

/** What a setting says over some days, and who said so. */
export interface SettingVersion extends VersionStamp {
  /** Whose it is. */
  readonly scope: SettingOwner;
  /** As it is typed; amounts one by one; null where it says nothing. */
  readonly value: string | readonly string[] | null;
}

export interface Setting extends SettingVersion {
  readonly key: SettingKey;
  readonly about: string;
}

const NOTHING: SettingVersion = { scope: 'programme', value: null, ...UNSAID };

export function versionView(key: SettingKey, row: SettingRow): SettingVersion {
  return {
    scope: row.instanceId === null ? 'programme' : 'instance',
    value: settingText(key, row.value as StoredValue),
    ...stampOf(row),
  };
}

/**
 * The setting on a day, as those of its versions have it that live, with who said so first. Of the versions of an instance
 * and of the programme the instance's speaks.
 */
export function settingView(key: SettingKey, rows: readonly SettingRow[], day: string): Setting {
  const own = rows.filter(({ instanceId }) => instanceId !== null);
  const row = versionOn(own, day) ?? versionOn(rows, day);
  const version = row === undefined ? NOTHING : versionView(key, row);
  const { knownSeq, setBy, setAt } = row === undefined ? NOTHING : versionView(key, originOf(rows, row));
  return { key, ...version, knownSeq, setBy, setAt, about: settingKind(key).about };
}

/** The version that said first what a remainder of it goes on saying: a later change of other days is not its author. */
function originOf(rows: readonly SettingRow[], row: SettingRow): SettingRow {
  const earlier = rows.find(
    (one) =>
      one.retiredSeq === row.knownSeq &&
      one.instanceId === row.instanceId &&
      JSON.stringify(one.value) === JSON.stringify(row.value) &&
      subtract(row.valid, [one.valid]).length === 0,
  );
  return earlier === undefined ? row : originOf(rows, earlier);
}
