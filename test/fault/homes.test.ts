import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childScript } from '../children.ts';
import { stopServer } from '../../src/db/embedded/server.ts';
import { NOBODY, nobodyGetsHere } from './embedded/scene.ts';

/** The tool as a process of an ordinary user whose HOME is not what one hopes for. Wants root, to become somebody else. */
const LIMIT = 90_000;
let scene: string;
beforeEach(() => {
  scene = mkdtempSync(join(tmpdir(), 'revshare-homes-'));
  chmodSync(scene, 0o755);
  return () => rmSync(scene, { recursive: true, force: true });
});
const used: string[] = [];
afterEach(async () => {
  for (const home of used.splice(0)) await stopServer(home, 'immediate');
});

async function typed(line: string, env: Record<string, string>): Promise<{ code: number; said: string }> {
  const argv = [childScript('command-child'), ...line.split(' ')];
  return await new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, cwd: scene, uid: NOBODY, gid: NOBODY };
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` });
    });
  });
}

function directory(name: string, owner: number, mode: number): string {
  const path = join(scene, name);
  mkdirSync(path);
  chownSync(path, owner, owner);
  chmodSync(path, mode);
  return path;
}

describe.runIf(nobodyGetsHere)('an ordinary user', { timeout: LIMIT }, () => {
  it('whose home nobody else may enter has books there', async () => {
    const home = directory('own', NOBODY, 0o700);
    used.push(join(home, '.local/share/revshare'));
    expect(await typed('init --currency EUR -o id', { HOME: home })).toMatchObject({ code: 0 });
    expect(await typed('doctor -o id', { HOME: home })).toMatchObject({ code: 0 });
  });

  it('whose HOME may not be written, or is root’s, is told to name another place, and can', async () => {
    for (const home of [directory('theirs', 0, 0o755), directory('roots', 0, 0o700)]) {
      const refused = await typed('init', { HOME: home });
      expect(refused.code).toBe(4);
      expect(refused.said).toContain('set REVSHARE_HOME to a directory you may write to');
    }
    const books = directory('books', NOBODY, 0o700);
    used.push(books);
    const env = { HOME: join(scene, 'roots'), REVSHARE_HOME: books };
    expect(await typed('init --currency EUR -o id', env)).toMatchObject({ code: 0 });
    expect(await typed('status --json', env)).toMatchObject({ code: 0 });
  });

  it('whose HOME is empty or missing never finds books in the working directory', async () => {
    chownSync(scene, NOBODY, NOBODY);
    for (const env of [{ HOME: '' }, {}]) {
      const ran = await typed('init', env as Record<string, string>);
      expect(ran.code).toBe(4);
      expect(ran.said).toContain('set REVSHARE_HOME');
    }
    expect(existsSync(join(scene, '.local'))).toBe(false);
  });
});
