import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RefusedError, UnavailableError } from '../domain/errors.ts';
import { fileFailure } from '../files/failures.ts';
import { draftFile, syncDirectory } from '../files/publish.ts';
import { sealingKey, type SealingKey } from './seal.ts';

/** Where the keys are: in the environment, which goes first, or in a file. */
export interface KeySource {
  readonly text: string | null;
  readonly file: string;
}

/** Keys in the order of their making: the last one seals, all of them open. */
export interface Keyring {
  /** What messages call it. */
  readonly from: string;
  readonly keys: readonly SealingKey[];
}

const KEY_BYTES = 32;
const ABOUT = '# keys that seal account data, one a line: the last one seals, all of them open\n';

/**
 * Reads the keys; null where there are none yet. A file that others may read is refused: then these are no secrets.
 * @throws UnavailableError `keys_unreadable`, `keys_exposed`
 */
export function readKeyring({ text, file }: KeySource): Keyring | null {
  if (text !== null) return { from: 'REVSHARE_KEYS', keys: parseKeys(text, 'REVSHARE_KEYS') };
  let content: string;
  let mode: number;
  try {
    content = readFileSync(file, 'utf8');
    ({ mode } = statSync(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UnavailableError('keys_unreadable', `the keys in ${file} cannot be read`, {
      hint: 'run this as the user that they belong to',
      cause: error,
    });
  }
  if ((mode & 0o077) !== 0) {
    throw new UnavailableError('keys_exposed', `the keys in ${file} may be read by others than their owner`, {
      hint: `chmod 600 ${file}, and \`revshare keys rotate\` if somebody may have read them`,
    });
  }
  return { from: file, keys: parseKeys(content, file) };
}

/** The same where there must be some. @throws UnavailableError `keys_missing`, and as above */
export function requireKeyring(source: KeySource): Keyring {
  const keyring = readKeyring(source);
  if (keyring !== null) return keyring;
  throw new UnavailableError('keys_missing', `there are no keys in ${source.file}, and account data is sealed`, {
    hint: '`revshare keys init` makes the first; where books have some already: REVSHARE_KEY_FILE, or REVSHARE_KEYS',
  });
}

/** The key that seals. */
export const newestKey = ({ keys }: Keyring): SealingKey => keys.at(-1)!;

function parseKeys(text: string, from: string): SealingKey[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim());
  const keys = lines.flatMap((line, index) => {
    if (line === '') return [];
    const bytes = Buffer.from(line, 'base64');
    if (bytes.length === KEY_BYTES && bytes.toString('base64') === line) return [sealingKey(bytes)];
    throw new UnavailableError('keys_unreadable', `${from}: line ${index + 1} is no key`, {
      hint: `a key is ${KEY_BYTES} bytes in base64, 44 characters; what follows # is a comment`,
    });
  });
  if (keys.length > 0) return keys;
  throw new UnavailableError('keys_unreadable', `${from} holds no key`, {
    hint: '`revshare keys init` makes one elsewhere',
  });
}

export const newKey = (): SealingKey => sealingKey(randomBytes(KEY_BYTES));

const lineOf = ({ bytes }: SealingKey, comment: string) => `${bytes.toString('base64')} # ${comment}\n`;

/**
 * Makes a file with a first key, for its owner only, and forces it to the disk. Where one is nothing is touched.
 * @throws RefusedError `keys_exist`, and what a file may be refused for
 */
export async function createKeyFile(file: string, key: SealingKey, comment: string): Promise<void> {
  try {
    const handle = await openFile(file, 'wx', 0o600);
    try {
      await handle.writeFile(ABOUT + lineOf(key, comment));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncDirectory(dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileFailure(file, error);
    throw new RefusedError('keys_exist', `there are keys in ${file} already`, {
      hint: '`revshare keys rotate` adds one, and seals with it from then on',
    });
  }
}

/** Adds a key behind the others, so that it seals from then on: the file is whole at any moment, before and after. */
export async function addKeyToFile(file: string, key: SealingKey, comment: string): Promise<void> {
  const before = readFileSync(file, 'utf8');
  const draft = await draftFile(file);
  try {
    await draft.write(Buffer.from(`${before}${before.endsWith('\n') ? '' : '\n'}${lineOf(key, comment)}`));
    await draft.finish();
    await draft.publish();
  } finally {
    await draft.discard();
  }
}
