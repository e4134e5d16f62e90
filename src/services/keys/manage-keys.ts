import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { instrumentsWithoutSeal, sealCounts } from '../../db/queries/instruments.ts';
import { RefusedError } from '../../domain/errors.ts';
import { fileFailure } from '../../files/failures.ts';
import { addKeyToFile, createKeyFile, newestKey, newKey, readKeyring, requireKeyring } from '../../secrets/keyring.ts';
import type { Context } from '../context.ts';
import { openDetails, sealDetails } from '../instrument/sealed-details.ts';
import { today } from '../today.ts';

export interface KeyStatus {
  readonly key: string;
  /** Seals whatever is added now. */
  readonly seals: boolean;
  /** The keyring has it. */
  readonly present: boolean;
  readonly from: string | null;
  /** Versions of instruments that it sealed, and those of them that no later key sealed again. */
  readonly sealed: number;
  readonly needed: number;
}

/** The keys there are, and those that the books were sealed with. Reads only. Throws as `readKeyring` does. */
export async function keyStatus(ctx: Context): Promise<KeyStatus[]> {
  const keyring = readKeyring(ctx.keys);
  const counts = await sealCounts(ctx.db);
  const present = keyring?.keys ?? [];
  const missing = counts.filter(({ keyId }) => !present.some(({ id }) => id === keyId)).map(({ keyId }) => keyId);
  const newest = present.at(-1)?.id;
  return [...missing, ...present.map(({ id }) => id)].map((key) => {
    const count = counts.find(({ keyId }) => keyId === key);
    const isPresent = present.some(({ id }) => id === key);
    return {
      key,
      seals: key === newest,
      present: isPresent,
      from: isPresent ? keyring!.from : null,
      sealed: count?.seals ?? 0,
      needed: count?.latest ?? 0,
    };
  });
}

export interface KeyMade {
  /** Null on a dry run: a key that nobody keeps is none. */
  readonly key: string | null;
  readonly file: string;
  /** Versions of instruments that were sealed by it. */
  readonly resealed: number;
}

/**
 * Makes the first key, in a file of its owner's only. Where the books are sealed by another one it is refused: that one is
 * what is missing. Writes the file. Throws RefusedError `keys_exist`, `books_sealed`, `keys_in_environment`.
 */
export async function initKeys(ctx: Context): Promise<KeyMade> {
  const { text, file } = ctx.keys;
  if (text !== null) throw inEnvironment('no file is needed');
  const [sealed] = await sealCounts(ctx.db);
  if (readKeyring(ctx.keys) === null && sealed !== undefined) {
    throw new RefusedError('books_sealed', `these books are sealed by key ${sealed.keyId}, which no new one replaces`, {
      hint: 'bring back the file with it, or name it by REVSHARE_KEY_FILE',
    });
  }
  const key = newKey();
  if (!ctx.dryRun) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw fileFailure(dirname(file), error);
    });
    await createKeyFile(file, key, `made ${today(ctx)}`);
  } else if (readKeyring(ctx.keys) !== null) {
    throw new RefusedError('keys_exist', `there are keys in ${file} already`);
  }
  return { key: ctx.dryRun ? null : key.id, file, resealed: 0 };
}

/** Instruments that are sealed again in one transaction: a rotation that is interrupted goes on where it was. */
const RESEALED_AT_ONCE = 500;

/**
 * Makes a new key, on the disk before it seals anything, and seals by it whatever older ones sealed, a transaction for a
 * few hundred. With `resealOnly` the newest key there is does that: after an interruption, or where keys come from the
 * environment. Older keys stay in the file, for older copies of the books.
 *
 * Writes. Throws UnavailableError `keys_missing`, `key_wrong`, IntegrityError `seal_broken`, RefusedError `keys_in_environment`.
 */
export async function rotateKeys(ctx: Context, { resealOnly }: { readonly resealOnly: boolean }): Promise<KeyMade> {
  const before = requireKeyring(ctx.keys);
  let keyring = before;
  if (!resealOnly) {
    if (ctx.keys.text !== null) throw inEnvironment('put a new one behind the others, and give --reseal');
    const made = newKey();
    if (!ctx.dryRun) await addKeyToFile(ctx.keys.file, made, `made ${today(ctx)}`);
    keyring = { ...before, keys: [...before.keys, made] };
  }
  const key = newestKey(keyring);
  const resealed = await ctx.batch(async (unit) => {
    let [done, after] = [0, 0];
    for (;;) {
      const ids = await unit(async (tx) => {
        const found = await instrumentsWithoutSeal(tx, key.id, after, RESEALED_AT_ONCE);
        await sealDetails(ctx, tx, keyring, await openDetails(ctx, tx, found));
        return found;
      });
      if (ids.length === 0) return done;
      [done, after] = [done + ids.length, ids.at(-1)!];
      ctx.progress.step('sealed again', done, null);
    }
  });
  const isReal = resealOnly || !ctx.dryRun;
  return { key: isReal ? key.id : null, file: before.from, resealed };
}

function inEnvironment(remedy: string): RefusedError {
  return new RefusedError('keys_in_environment', `the keys are in REVSHARE_KEYS, which this cannot change: ${remedy}`);
}
