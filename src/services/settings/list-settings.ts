import { settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import { SETTING_KEYS, settingKind, type SettingKey } from '../../domain/settings.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { today } from '../today.ts';
import { settingView, versionView, type Setting, type SettingVersion } from './setting-view.ts';

export { SETTING_KEYS, type SettingKey } from '../../domain/settings.ts';
export type { Setting, SettingVersion } from './setting-view.ts';

/** Whose settings, on which day. */
export interface AskedSettings {
  /** What is in force at this instance: its own, else the programme's; default the programme's alone. */
  readonly instance?: string | undefined;
  /** Default today. */
  readonly at?: string | undefined;
}

/**
 * What the settings say on a day, each with whose it is. Reads only. Throws NotFoundError `instance_not_found`.
 */
export async function listSettings(
  ctx: Context,
  { instance, at = today(ctx) }: AskedSettings = {},
): Promise<Setting[]> {
  const rows = await versionsFor(ctx, instance, SETTING_KEYS);
  return SETTING_KEYS.map((key) =>
    settingView(
      key,
      rows.filter(({ name }) => name === settingKind(key).stored),
      at,
    ),
  );
}

export interface SettingDetails extends Setting {
  /** Every version it ever had, the instance's own first, in the order in which they became known. */
  readonly versions: readonly SettingVersion[];
}

/** One setting as it is on a day, by default today, with its history. Reads only. Throws as `listSettings`. */
export async function getSetting(
  ctx: Context,
  key: SettingKey,
  { instance, at = today(ctx) }: AskedSettings = {},
): Promise<SettingDetails> {
  const rows = await versionsFor(ctx, instance, [key]);
  return { ...settingView(key, rows, at), versions: rows.map((row) => versionView(key, row)) };
}

async function versionsFor(
  ctx: Context,
  instance: string | undefined,
  keys: readonly SettingKey[],
): Promise<SettingRow[]> {
  const names = keys.map((key) => settingKind(key).stored);
  const own =
    instance === undefined
      ? []
      : await settingVersions(ctx.db, { instanceId: await findInstanceId(ctx.db, instance) }, names);
  return [...own, ...(await settingVersions(ctx.db, { instanceId: null }, names))];
}
