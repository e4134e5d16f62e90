import type { Connection } from '../../db/connection.ts';
import { insertSetting, retireSettings, settingVersions, type SettingScope } from '../../db/queries/settings.ts';
import type { VersionStore } from '../versions/say-over.ts';

/** The versions of one setting, of the programme or of an instance. `text`: equal ones say the same. */
export function settingStore<T>(
  tx: Connection,
  scope: SettingScope,
  name: string,
  text: (value: T) => string,
): VersionStore<T> {
  return {
    read: async () => (await settingVersions(tx, scope, [name])).map((row) => ({ ...row, says: row.value as T })),
    retire: async (ids, knownSeq) => await retireSettings(tx, ids, knownSeq),
    insert: async ({ says, ...version }) => await insertSetting(tx, scope, { name, value: says, ...version }),
    text,
  };
}
