import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertSetting, retireSettings, settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import type { Connection } from '../../db/connection.ts';
import { intersect, isEmptyRange, rangeText, remainders, subtract, type Days } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import { settingChange, settingKind, settingText, type SettingKey, type StoredValue } from '../../domain/settings.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
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

interface Piece {
  readonly valid: Days;
  readonly value: StoredValue | null;
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
  if (isEmptyRange(days)) {
    throw new UsageError('window_empty', `no day lies in [${from}, ${to})`, {
      hint: '--to is the first day it is no longer so',
    });
  }
  const change = settingChange(key, input.value, input.currency);
  const name = settingKind(key).stored;
  return await ctx.write(async (tx) => {
    const seen = await versions(tx, name);
    if (wasOn(seen, days).every(({ value }) => said(key, value) === said(key, change(value)))) {
      return { setting: settingView(key, seen, from), changed: false };
    }
    const knownSeq = await drawKnownSeq(tx, `setting ${key} set ${rangeText(days)}`);
    // Read again under the number's lock: whoever drew before us is committed and seen.
    const before = await versions(tx, name);
    const overlapping = before.filter(
      ({ retiredSeq, valid }) => retiredSeq === null && intersect(valid, days) !== null,
    );
    // Retired first: the exclusion constraint looks at each row as it comes.
    await retireSettings(
      tx,
      overlapping.map(({ id }) => id),
      knownSeq,
    );
    const kept = overlapping.flatMap(({ valid, value }) =>
      remainders(valid, days).map((rest) => ({ valid: rest, value: value as StoredValue })),
    );
    const changed = wasOn(before, days).map(({ valid, value }) => ({ valid, value: change(value) }));
    for (const { valid, value } of [...kept, ...joined(key, changed)]) {
      if (value !== null) await insertSetting(tx, PROGRAMME, { name, value, valid, knownSeq });
    }
    return { setting: settingView(key, await versions(tx, name), from), changed: true };
  });
}

async function versions(tx: Connection, name: string): Promise<SettingRow[]> {
  return await settingVersions(tx, PROGRAMME, [name]);
}

/** What was said over the days, stretch by stretch, with null where nothing was; in order. */
function wasOn(rows: readonly SettingRow[], days: Days): Piece[] {
  const said = rows.flatMap(({ retiredSeq, valid, value }) => {
    const both = intersect(valid, days);
    return both === null || retiredSeq !== null ? [] : [{ valid: both, value: value as StoredValue | null }];
  });
  const unsaid = subtract(
    days,
    said.map(({ valid }) => valid),
  ).map((valid) => ({ valid, value: null }));
  return [...said, ...unsaid].sort((a, b) => ((a.valid.from ?? '') < (b.valid.from ?? '') ? -1 : 1));
}

/** Neighbours that say the same are one version. */
function joined(key: SettingKey, all: readonly Piece[]): Piece[] {
  return all.reduce<Piece[]>((soFar, piece) => {
    const last = soFar.at(-1);
    if (last === undefined || said(key, last.value) !== said(key, piece.value)) return [...soFar, piece];
    return [...soFar.slice(0, -1), { ...last, valid: { from: last.valid.from, to: piece.valid.to } }];
  }, []);
}

function said(key: SettingKey, value: StoredValue | null): string {
  return value === null ? '' : String(settingText(key, value));
}
