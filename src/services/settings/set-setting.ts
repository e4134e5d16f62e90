import { insertSetting, retireSettings, settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import type { Connection } from '../../db/connection.ts';
import { assertSomeDay, rangeText, type Days } from '../../domain/date-ranges.ts';
import { settingChange, settingKind, settingText, type SettingKey, type StoredValue } from '../../domain/settings.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver } from '../versions/say-over.ts';
import { settingView, type Setting } from './setting-view.ts';

export interface NewSetting {
  readonly key: SettingKey;
  /** As it is typed; 'none' takes the amount of a currency away. */
  readonly value: string;
  /** Of an amount; the other currencies stay as they are. */
  readonly currency?: string | undefined;
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

const PROGRAMME = { instanceId: null };

/**
 * Says what a setting of the programme is over `[from, to)`: new versions under one new known_seq; what it said on those
 * days is retired, what it said outside them goes on. What is decided keeps what it was decided under. Writes, unless it
 * says exactly this already. Throws UsageError for values and dates that cannot be.
 */
export async function setSetting(ctx: Context, input: NewSetting): Promise<SettingSet> {
  const { key, from = today(ctx), to = null } = input;
  const days = { from, to };
  assertSomeDay(days);
  const change = settingChange(key, input.value, input.currency);
  const name = settingKind(key).stored;
  return await ctx.write(async (tx) => {
    const store = {
      read: async () => (await versions(tx, name)).map((row) => ({ ...row, says: row.value as StoredValue })),
      retire: async (ids: readonly number[], knownSeq: number) => await retireSettings(tx, ids, knownSeq),
      insert: async ({ valid, says, knownSeq }: { valid: Days; says: StoredValue; knownSeq: number }) =>
        await insertSetting(tx, PROGRAMME, { name, value: says, valid, knownSeq }),
      text: (value: StoredValue) => String(settingText(key, value)),
    };
    const changed = await sayOver(store, days, change, drawOnce(tx, `setting ${key} set ${rangeText(days)}`));
    return { setting: settingView(key, await versions(tx, name), from), changed };
  });
}

async function versions(tx: Connection, name: string): Promise<SettingRow[]> {
  return await settingVersions(tx, PROGRAMME, [name]);
}
