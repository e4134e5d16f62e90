import { settingVersions } from '../../db/queries/settings.ts';
import { assertSomeDay, rangeText } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import {
  SETTING_KEYS,
  settingChange,
  settingKind,
  settingText,
  type SettingKey,
  type StoredValue,
} from '../../domain/settings.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver } from '../versions/say-over.ts';
import { settingStore } from './setting-store.ts';
import { settingView, type Setting } from './setting-view.ts';

export interface NewSetting {
  readonly key: SettingKey;
  /** As it is typed; 'none' takes the amount of a currency away, and whatever an instance says for itself. */
  readonly value: string;
  /** Of an amount; the other currencies stay as they are. */
  readonly currency?: string | undefined;
  /** For this instance alone; default the programme. */
  readonly instance?: string | undefined;
  /** First day; default today in the programme's zone. */
  readonly from?: string | undefined;
  /** First day it is no longer so; default never. */
  readonly to?: string | undefined;
}

export interface SettingSet {
  readonly setting: Setting;
  /** False when it said exactly this already. */
  readonly changed: boolean;
}

/**
 * Says what a setting of the programme, or of one instance, is over `[from, to)`: new versions under one new known_seq; what it said on those
 * days is retired, what it said outside them goes on. What is decided keeps what it was decided under. Writes, unless it
 * says exactly this already. Throws UsageError for values and dates that cannot be, and `setting_of_programme`, NotFoundError
 * `instance_not_found`.
 */
export async function setSetting(ctx: Context, input: NewSetting): Promise<SettingSet> {
  const { key, instance, from = today(ctx), to = null } = input;
  const days = { from, to };
  assertSomeDay(days);
  const change = settingChange(key, input.value, input.currency, instance !== undefined);
  const { stored: name, perInstance } = settingKind(key);
  if (instance !== undefined && !perInstance) {
    const theirs = SETTING_KEYS.filter((one) => settingKind(one).perInstance);
    throw new UsageError('setting_of_programme', `${key} is the programme's: no instance has its own`, {
      hint: `an instance may have its own ${theirs.join(', ')}`,
    });
  }
  return await ctx.write(async (tx) => {
    const scope = { instanceId: instance === undefined ? null : await findInstanceId(tx, instance) };
    const store = settingStore<StoredValue>(tx, scope, name, (value) => String(settingText(key, value)));
    const where = instance === undefined ? '' : ` for ${instance}`;
    const changed = await sayOver(store, days, change, drawOnce(tx, `setting ${key} set${where} ${rangeText(days)}`));
    const general = scope.instanceId === null ? [] : await settingVersions(tx, { instanceId: null }, [name]);
    return { setting: settingView(key, [...(await settingVersions(tx, scope, [name])), ...general], from), changed };
  });
}
