import type { Terms } from '../../domain/acts.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertSetting, retireSettings, settingVersions, type SettingRow } from '../../db/queries/settings.ts';
import type { Connection } from '../../db/connection.ts';
import { intersect, remainders } from '../../domain/date-ranges.ts';
import { addDays } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

const SETTING = 'four_eyes_limit';
const PROGRAMME = { instanceId: null };

/** Up to which sum one person acts alone: minor units by currency. */
export type Limits = Readonly<Record<string, number>>;

/** Puts an approved limit in force from today on; what was said before today stands. Writes. */
export async function applyLimit(ctx: Context, tx: Connection, terms: Terms): Promise<void> {
  const knownSeq = await drawKnownSeq(tx, terms['about'] as string);
  const days = { from: today(ctx), to: null };
  const overlapping = (await liveVersions(tx)).filter(({ valid }) => intersect(valid, days) !== null);
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
  const day = { from: today(ctx), to: addDays(today(ctx), 1) };
  const now = (await liveVersions(tx)).find(({ valid }) => intersect(valid, day) !== null);
  return (now?.value ?? {}) as Limits;
}

async function liveVersions(tx: Connection): Promise<SettingRow[]> {
  return (await settingVersions(tx, PROGRAMME, [SETTING])).filter(({ retiredSeq }) => retiredSeq === null);
}
