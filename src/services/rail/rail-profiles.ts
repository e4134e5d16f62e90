import { insertRailProfile, railProfileRows, type RailProfileRow } from '../../db/queries/rails.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { RAILS, type RailName } from '../../domain/rail-names.ts';
import { namesOf, readFields } from '../../formats/fields.ts';
import { anyRail } from '../../rails/rails.ts';
import type { Context } from '../context.ts';

/** A rail, and who we are to whom it pays by. */
export interface RailView {
  readonly rail: RailName;
  readonly about: string;
  /** Null: it has none, and nothing leaves by it. */
  readonly version: number | null;
  readonly calendar: string | null;
  /** By field, in the order in which the rail names them. */
  readonly profile: Readonly<Record<string, string>>;
  readonly setBy: string | null;
  readonly setAt: string | null;
}

function railView(name: RailName, row: RailProfileRow | undefined): RailView {
  const { about, fields, calendar } = anyRail(name);
  const said = fields.flatMap((field) => {
    const value = row?.profile[field.name];
    return value === undefined ? [] : [[field.name, value] as const];
  });
  const profile = Object.fromEntries(said);
  return {
    rail: name,
    about,
    version: row?.version ?? null,
    calendar: calendar === null ? null : (profile['calendar'] ?? calendar),
    profile,
    setBy: row?.createdBy ?? null,
    setAt: row?.recordedAt ?? null,
  };
}

/** Every rail, with a profile or not. Reads only. */
export async function listRails(ctx: Context): Promise<RailView[]> {
  const rows = await railProfileRows(ctx.db, null);
  return RAILS.map((name) =>
    railView(
      name,
      rows.find(({ rail }) => rail === name),
    ),
  );
}

export interface RailHistory extends RailView {
  readonly versions: readonly RailView[];
}

/** A rail with every profile it ever had, the latest first. Reads only. */
export async function showRail(ctx: Context, name: RailName): Promise<RailHistory> {
  const rows = await railProfileRows(ctx.db, name);
  return { ...railView(name, rows[0]), versions: rows.map((row) => railView(name, row)) };
}

/**
 * Says fields of a rail's profile; those that are not named stay as they are, and null takes one away. A new version: what
 * was written by an older one is made again by that. Writes, unless it says exactly this already.
 * Throws UsageError `profile_invalid`, RefusedError `nothing_to_change`.
 */
export async function setRailProfile(
  ctx: Context,
  name: RailName,
  given: Readonly<Record<string, string | null>>,
): Promise<RailView> {
  return await ctx.write(async (tx) => {
    const [before] = await railProfileRows(tx, name);
    const merged = { ...before?.profile, ...given };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    const { fields } = anyRail(name);
    const { values, mistakes } = readFields(fields, kept);
    if (mistakes.length > 0) {
      throw new UsageError(
        'profile_invalid',
        [`this is no profile of ${name}`, ...mistakes.map((one) => `  ${one}`)].join('\n'),
        { hint: `its fields are ${namesOf(fields).join(', ')}`, details: { mistakes } },
      );
    }
    const same = (profile: Readonly<Record<string, string>>) =>
      fields.every((field) => profile[field.name] === values[field.name]);
    if (before !== undefined && same(before.profile)) {
      throw new RefusedError('nothing_to_change', `the profile of ${name} says exactly this already`);
    }
    await insertRailProfile(tx, name, values);
    return railView(name, (await railProfileRows(tx, name))[0]);
  });
}
