import { isDeepStrictEqual } from 'node:util';
import type { Terms } from '../../domain/acts.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertSetting, retireSettings, settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import type { Connection } from '../../db/connection.ts';
import { intersect, remainders } from '../../domain/date-ranges.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { versionOn } from '../versions/say-over.ts';

const SETTING = 'four_eyes_limit';
const PROGRAMME = { instanceId: null };

/** Up to which sum one person acts alone: minor units by currency. */
export type Limits = Readonly<Record<string, number>>;

/**
 * Puts an approved limit in force from today on; what was said before today stands. A request says the limits of every
 * currency, and is done only while the others are as they were when it was made: else it would bring them back. Writes.
 * @throws RefusedError `effect_changed`
 */
export async function applyLimit(ctx: Context, tx: Connection, terms: Terms): Promise<void> {
  const knownSeq = await drawKnownSeq(tx, terms['about'] as string);
  // Under the number's lock: whoever changed a limit before us is committed and seen.
  if (!isDeepStrictEqual(await limitsOf(ctx, tx), terms['was'])) {
    throw new RefusedError('effect_changed', 'the limits are others by now than when this one was asked for', {
      hint: 'reject the request and ask again: `revshare approval limit`',
    });
  }
  const days = { from: today(ctx), to: null };
  const overlapping = (await limitVersions(tx)).filter(
    ({ retiredSeq, valid }) => retiredSeq === null && intersect(valid, days) !== null,
  );
  // Retired first: the exclusion constraint looks at each row as it comes.
  await retireSettings(
    tx,
    overlapping.map(({ id }) => id),
    knownSeq,
  );
  for (const { value, valid } of overlapping) {
    for (const rest of remainders(valid, days)) {
      await insertSetting(tx, PROGRAMME, { name: SETTING, value, valid: rest, knownSeq });
    }
  }
  await insertSetting(tx, PROGRAMME, { name: SETTING, value: terms['value'], valid: days, knownSeq });
}

/** The limits of today. Reads only. */
export async function limitsOf(ctx: Context, tx: Connection): Promise<Limits> {
  return (versionOn(await limitVersions(tx), today(ctx))?.value ?? {}) as Limits;
}

async function limitVersions(tx: Connection): Promise<SettingRow[]> {
  return await settingVersions(tx, PROGRAMME, [SETTING]);
}
