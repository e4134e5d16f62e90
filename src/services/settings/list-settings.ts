import { settingVersions } from '../../db/queries/settings.ts';
import { SETTING_KEYS, settingKind, type SettingKey } from '../../domain/settings.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { settingView, versionView, type Setting, type SettingVersion } from './setting-view.ts';

export { SETTING_KEYS, type SettingKey } from '../../domain/settings.ts';
export type { Setting, SettingVersion } from './setting-view.ts';

const PROGRAMME = { instanceId: null };

/** What the settings of the programme say on a day, by default today's. Reads only. */
export async function listSettings(ctx: Context, at: string = today(ctx)): Promise<Setting[]> {
  const names = SETTING_KEYS.map((key) => settingKind(key).stored);
  const rows = await settingVersions(ctx.db, PROGRAMME, names);
  const of = (key: SettingKey) => rows.filter(({ name }) => name === settingKind(key).stored);
  return SETTING_KEYS.map((key) => settingView(key, of(key), at));
}

export interface SettingDetails extends Setting {
  /** Every version it ever had, in the order in which they became known. */
  readonly versions: readonly SettingVersion[];
}

/** One setting as it is on a day, by default today's, with its history. Reads only. */
export async function getSetting(ctx: Context, key: SettingKey, at: string = today(ctx)): Promise<SettingDetails> {
  const rows = await settingVersions(ctx.db, PROGRAMME, [settingKind(key).stored]);
  return { ...settingView(key, rows, at), versions: rows.map((row) => versionView(key, row)) };
}
