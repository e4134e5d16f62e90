import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addKeyToFile,
  createKeyFile,
  newestKey,
  newKey,
  readKeyring,
  requireKeyring,
} from '../../../src/secrets/keyring.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'revshare-keyring-'));
  file = join(directory, 'keys');
});
afterEach(() => rmSync(directory, { recursive: true }));

const text = null;
const coded = (code: string) => expect.objectContaining({ code });

describe('a keyring', () => {
  it('is a file of its owner’s, made once; the last key of it seals', async () => {
    expect(readKeyring({ text, file })).toBeNull();
    const [first, second] = [newKey(), newKey()];
    await createKeyFile(file, first, 'made 2026-11-21');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(createKeyFile(file, second, 'again')).rejects.toMatchObject({ code: 'keys_exist', exitCode: 3 });
    await addKeyToFile(file, second, 'made 2026-11-22');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const keyring = requireKeyring({ text, file });
    expect(keyring.keys.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(newestKey(keyring).bytes).toEqual(second.bytes);
  });

  it('may stand in the environment instead, which goes first', async () => {
    await createKeyFile(file, newKey(), 'x');
    const key = newKey();
    const { from, keys } = requireKeyring({ text: `\n${key.bytes.toString('base64')} # ours\n`, file });
    expect([from, keys.map(({ id }) => id)]).toEqual(['REVSHARE_KEYS', [key.id]]);
  });

  it('is refused where it is missing, torn, empty or open to others, and never shown', async () => {
    expect(() => requireKeyring({ text, file })).toThrow(coded('keys_missing'));
    const key = newKey().bytes.toString('base64');
    for (const content of [
      '',
      '# nothing\n',
      `${key.slice(0, -2)}\n`,
      `${key}\n${key}x\n`,
      'DE89370400440532013000\n',
    ]) {
      writeFileSync(file, content, { mode: 0o600 });
      expect(() => readKeyring({ text, file })).toThrow(coded('keys_unreadable'));
      expect(() => readKeyring({ text, file })).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(key.slice(0, 9)) as string }),
      );
    }
    writeFileSync(file, `${key}\n`);
    chmodSync(file, 0o640);
    expect(() => readKeyring({ text, file })).toThrow(coded('keys_exposed'));
    expect(readFileSync(file, 'utf8')).toContain(key);
  });
});
