import { insertSeals, sealsOf, type SealRow } from '../../db/queries/instruments.ts';
import type { Connection } from '../../db/connection.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { formatInstrumentCode } from '../../domain/instruments.ts';
import type { AccountDetails } from '../../formats/account-details.ts';
import { newestKey, requireKeyring, type Keyring } from '../../secrets/keyring.ts';
import { open, seal } from '../../secrets/seal.ts';
import type { Context } from '../context.ts';

type Place = Pick<SealRow, 'partner' | 'currency' | 'version' | 'kind'>;

/** What a seal belongs to: copied into another programme, row or version it does not open. */
const boundTo = (ctx: Pick<Context, 'programme'>, { partner, currency, version, kind }: Place) =>
  ['revshare/instrument/1', ctx.programme, partner, currency, version, kind].join('\n');

/** Seals account data by the newest key and stores it. Writes. Throws as `requireKeyring` does. */
export async function sealDetails(
  ctx: Context,
  tx: Connection,
  keyring: Keyring,
  found: readonly (Place & { readonly instrumentId: number; readonly details: AccountDetails })[],
): Promise<void> {
  const key = newestKey(keyring);
  const seals = found.map(({ instrumentId, details, ...place }) => ({
    instrumentId,
    keyId: key.id,
    sealed: seal(key, JSON.stringify(details), boundTo(ctx, place)),
  }));
  await insertSeals(tx, seals);
}

export type OpenedDetails = Place & { readonly instrumentId: number; readonly details: AccountDetails };

/**
 * The account data of instruments, by whichever key of the keyring each was sealed with last. All of them or none: a key
 * that is missing is said before anything is opened. Reads only. Throws UnavailableError `keys_missing`, `key_wrong`,
 * IntegrityError `seal_broken`.
 */
export async function openDetails(ctx: Context, tx: Connection, ids: readonly number[]): Promise<OpenedDetails[]> {
  const seals = await sealsOf(tx, ids);
  if (seals.length === 0) return [];
  const keyring = requireKeyring(ctx.keys);
  const openable = ids.flatMap((id) => {
    const own = seals.filter(({ instrumentId }) => instrumentId === id);
    if (own.length === 0) return [];
    for (const row of own.toReversed()) {
      const key = keyring.keys.find(({ id }) => id === row.keyId);
      if (key !== undefined) return [{ row, key }];
    }
    throw keyWrong(own, keyring);
  });
  return openable.map(({ row, key }) => {
    const { instrumentId, partner, currency, version, kind } = row;
    const place = { partner, currency, version, kind };
    const text = open(key, row.sealed, boundTo(ctx, place), formatInstrumentCode(place));
    return { instrumentId, ...place, details: JSON.parse(text) as AccountDetails };
  });
}

function keyWrong(seals: readonly SealRow[], { from, keys }: Keyring): UnavailableError {
  const wanted = seals.map(({ keyId }) => keyId).join(' or ');
  return new UnavailableError(
    'key_wrong',
    `${formatInstrumentCode(seals[0]!)} is sealed by key ${wanted}, and ${from} has ${keys.map(({ id }) => id).join(', ')}`,
    {
      hint: 'add that key to the others; `revshare keys status` shows which are needed',
      details: { wanted: seals.map(({ keyId }) => keyId) },
    },
  );
}
