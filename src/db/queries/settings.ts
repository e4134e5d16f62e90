import { and, asc, eq, inArray, isNull, type SQL } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import { settings } from '../schema/programme.ts';

/** A version of a setting; the value as it stands in the books. */
export interface SettingRow extends VersionRow {
  readonly name: string;
  /** Null: the programme's. */
  readonly instanceId: number | null;
  readonly value: unknown;
}

/** Whose setting it is: the programme's, or an instance's own. */
export type SettingScope = { readonly instanceId: number | null };

const scopeIs = ({ instanceId }: SettingScope): SQL =>
  instanceId === null ? isNull(settings.instanceId) : eq(settings.instanceId, instanceId);

const columns = {
  id: settings.id,
  name: settings.name,
  instanceId: settings.instanceId,
  value: settings.value,
  valid: settings.valid,
  knownSeq: settings.knownSeq,
  retiredSeq: settings.retiredSeq,
  createdBy: settings.createdBy,
  recordedAt: settings.recordedAt,
};

/** Every version of some settings, in the order in which they became known. */
export async function settingVersions(
  tx: Connection,
  scope: SettingScope,
  names: readonly string[],
): Promise<SettingRow[]> {
  return await tx.orm
    .select(columns)
    .from(settings)
    .where(and(scopeIs(scope), inArray(settings.name, [...names])))
    .orderBy(asc(settings.knownSeq), asc(settings.valid));
}

export const retireSettings = retiring(settings);

export async function insertSetting(
  tx: Connection,
  scope: SettingScope,
  version: Pick<SettingRow, 'name' | 'value' | 'valid' | 'knownSeq'>,
): Promise<void> {
  await tx.orm.insert(settings).values({ ...scope, ...version });
}
