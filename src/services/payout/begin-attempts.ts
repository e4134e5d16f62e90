import { insertAttempts } from '../../db/queries/attempts.ts';
import type { Connection } from '../../db/connection.ts';
import type { RegisterRow } from '../../db/queries/payout-registers.ts';
import { railProfileRows } from '../../db/queries/rails.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { ApiRailName } from '../../domain/rail-names.ts';
import type { ApiClient } from '../../rails/api-rail.ts';
import { apiRail, apiRailFor } from '../../rails/api-rails.ts';
import { railSecrets } from '../../secrets/rail-secrets.ts';
import type { Context } from '../context.ts';
import { openDetails } from '../instrument/sealed-details.ts';

/**
 * The first attempt of each payout that a rail with a profile is called for, written with the submission, and committed
 * before the call. That the rails can be called is tried first: their secrets, their accounts, and the keys of the account
 * data. Returns the attempts; what no such rail pays to is left for files and the register.
 *
 * Writes. Throws as `openRail`, `verify` of a rail and `openDetails` do.
 */
export async function beginAttempts(
  ctx: Context,
  tx: Connection,
  rows: readonly RegisterRow[],
  live: boolean,
): Promise<number[]> {
  const profiles = await railProfileRows(tx, null);
  const profileOf = (name: ApiRailName) => profiles.find(({ rail }) => rail === name);
  const called = rows.flatMap((row) => {
    const rail = apiRailFor(row.kind, row.currency, (name) => profileOf(name) !== undefined);
    return rail === null ? [] : [{ row, profile: profileOf(rail.name)! }];
  });
  if (called.length === 0) return [];
  for (const { rail, profile } of new Set(called.map((one) => one.profile))) {
    const client = await openRail(ctx, { rail: rail as ApiRailName, profile }, live);
    if (!ctx.dryRun) await client.verify();
  }
  await openDetails(
    ctx,
    tx,
    called.map(({ row }) => row.instrumentId!),
  );
  return await insertAttempts(
    tx,
    called.map(({ row, profile }) => ({ payoutId: row.id, profileId: profile.id })),
  );
}

/**
 * Opens a rail by its secret; `live` says that money may move. Throws UnavailableError `rail_secrets_missing`,
 * `rail_secret_wrong`, RefusedError `live_not_said`.
 */
export async function openRail(
  ctx: Context,
  { rail, profile }: { readonly rail: ApiRailName; readonly profile: Readonly<Record<string, string>> },
  live: boolean,
): Promise<ApiClient> {
  const secrets = railSecrets(ctx.railSecrets, rail);
  if (profile['mode'] === 'live' && !live && !secrets.live) {
    throw new RefusedError('live_not_said', `the profile of ${rail} is live: this would move money`, {
      hint: `say --live; jobs may, where ${secrets.from} says live = true of ${rail}`,
    });
  }
  return await apiRail(rail).open(profile, secrets);
}
