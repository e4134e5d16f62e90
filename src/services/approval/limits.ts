import { isDeepStrictEqual } from 'node:util';
import stringify from 'safe-stable-stringify';
import type { Terms } from '../../domain/acts.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import type { Connection } from '../../db/connection.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { settingStore } from '../settings/setting-store.ts';
import { sayOver, versionOn } from '../versions/say-over.ts';

/** What a limit is of, and the setting that keeps it. A request: up to it one acts alone; a run: up to it one checker is enough. */
const SETTINGS = { request: 'four_eyes_limit', run: 'second_checker_limit' } as const;
export type LimitOf = keyof typeof SETTINGS;
const PROGRAMME = { instanceId: null };

/** Up to which sum, in minor units by currency. Not named: a request never, a run always. */
export type Limits = Readonly<Record<string, number>>;

/** What a request for a limit says of it. */
export function limitTerms(of: LimitOf, about: string, value: Limits, was: Limits): Terms {
  return { setting: SETTINGS[of], about, value, was };
}

/**
 * Puts an approved limit in force from today on; what was said before today stands. A request says the limits of every
 * currency, and is done only while the others are as they were when it was made: else it would bring them back. Writes.
 * @throws RefusedError `effect_changed`
 */
export async function applyLimit(ctx: Context, tx: Connection, terms: Terms): Promise<void> {
  const of = limitOfSetting(terms['setting'] as string);
  const knownSeq = await drawKnownSeq(tx, terms['about'] as string);
  // Under the number's lock: whoever changed a limit before us is committed and seen.
  if (!isDeepStrictEqual(await limitsOf(ctx, tx, of), terms['was'])) {
    throw new RefusedError('effect_changed', 'the limits are others by now than when this one was asked for', {
      hint: 'reject the request and ask again: `revshare approval limit`',
    });
  }
  const store = settingStore<Limits>(tx, PROGRAMME, SETTINGS[of], (limits) => stringify(limits));
  const value = terms['value'] as Limits;
  await sayOver(
    store,
    { from: today(ctx), to: null },
    () => value,
    async () => await Promise.resolve(knownSeq),
  );
}

function limitOfSetting(setting: string): LimitOf {
  return setting === SETTINGS.run ? 'run' : 'request';
}

/** The limits of today. Reads only. */
export async function limitsOf(ctx: Context, tx: Connection, of: LimitOf): Promise<Limits> {
  return (versionOn(await limitVersions(tx, of), today(ctx))?.value ?? {}) as Limits;
}

async function limitVersions(tx: Connection, of: LimitOf): Promise<SettingRow[]> {
  return await settingVersions(tx, PROGRAMME, [SETTINGS[of]]);
}

/** A limit as people read it. */
export interface Limit {
  readonly of: LimitOf;
  readonly currency: string;
  /** A decimal string. */
  readonly amount: string;
  /** Since when it is this one, and the second person who agreed to it. */
  readonly from: string | null;
  readonly agreedBy: string;
  readonly agreedAt: string;
  readonly knownSeq: number;
}

/** The limits of today, each with the version that said it first. Reads only. */
export async function listLimits(ctx: Context): Promise<Limit[]> {
  const all = await Promise.all((['request', 'run'] as const).map(async (of) => await listed(ctx, of)));
  return all.flat();
}

async function listed(ctx: Context, of: LimitOf): Promise<Limit[]> {
  // What was cut short says what it had said: only what was said for good brought a change.
  const said = (await limitVersions(ctx.db, of)).filter(({ valid }) => valid.to === null || valid.to > today(ctx));
  const amounts = said.map(({ value }) => value as Limits);
  return Object.entries(amounts.at(-1) ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => {
      const first = amounts.findLastIndex((one) => one[currency] !== minor) + 1;
      const { valid, createdBy, recordedAt, knownSeq } = said[first]!;
      const amount = formatMinor(BigInt(minor), currency);
      return { of, currency, amount, from: valid.from, agreedBy: createdBy, agreedAt: recordedAt, knownSeq };
    });
}
