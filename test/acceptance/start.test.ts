import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { originalFrames } from '../../bin/original-frames.mts';
import { testDatabase, type TestDatabase } from '../database.ts';

/** What a start costs, held without a clock: what is read, compiled and evaluated of node, of packages and of ours. */
const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/revshare.js');
const DIST = join(ROOT, 'dist');
const BUNDLE = join(DIST, 'revshare.js');
/** A message of src/runner/run-job.ts. */
const TOLD = 'stopped between two units of work';
const PROBE = join(import.meta.dirname, 'start-probe.cjs');

let db: TestDatabase;
let scene: string;
const build = (env: NodeJS.ProcessEnv = {}) => {
  execFileSync(process.execPath, ['.config/build.js'], { cwd: ROOT, env: { ...process.env, ...env } });
};
beforeAll(async () => {
  build();
  db = await testDatabase();
  scene = mkdtempSync(join(tmpdir(), 'revshare-start-'));
});
afterAll(async () => {
  await db.drop();
  rmSync(scene, { recursive: true, force: true });
});

interface Start {
  readonly stdout: string;
  /** Modules of node that a process doing nothing has not. */
  readonly builtins: readonly string[];
  /** Files of this checkout that were read. */
  readonly files: readonly string[];
  /** Whether V8 took what the build had compiled; null where nothing was offered. */
  readonly compiled: boolean | null;
}

function start(...argv: string[]): Start {
  const report = join(scene, 'report.json');
  const env = { PATH: process.env['PATH'], HOME: scene, REVSHARE_HOME: scene, REPORT: report, ...db.environment() };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', PROBE, BIN, ...argv], {
    env,
    cwd: scene,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const told = JSON.parse(readFileSync(report, 'utf8')) as Omit<Start, 'stdout'>;
  const ours = told.files.map((file) => file.replace(/^file:\/\//, '')).filter((file) => file.startsWith(`${ROOT}/`));
  return { ...told, stdout, files: ours.map((file) => file.slice(ROOT.length + 1)) };
}

/** The bundled modules that were evaluated, by their paths, as V8's coverage counts the functions that hold them. */
function evaluated(...argv: string[]): string[] {
  const directory = mkdtempSync(join(scene, 'coverage-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: scene,
    REVSHARE_HOME: scene,
    NODE_V8_COVERAGE: directory,
    ...db.environment(),
  };
  expect(spawnSync(process.execPath, [BIN, ...argv], { env, cwd: scene }).status).toBe(0);
  return readdirSync(directory).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as {
      result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
    };
    return result
      .filter(({ url }) => /\/dist\/\w+\.js$/.test(url))
      .flatMap(({ functions }) => functions)
      .filter(({ functionName, ranges }) => /\.(ts|mts|js|cjs|mjs)$/.test(functionName) && ranges[0]!.count > 0)
      .map(({ functionName }) => functionName);
  });
}

describe('a start', () => {
  it('says its version without the tool', () => {
    const { stdout, files } = start('--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(files).toEqual(['bin/revshare.js', 'package.json']);
  });

  it('lists from one bundle, compiled by the build, without node’s loader of ES modules, its cryptography, TLS or processes', () => {
    const { files, builtins, compiled } = start('partner', 'list');
    expect(compiled).toBe(true);
    expect(files).toEqual(['bin/revshare.js', 'dist/revshare.js', 'dist/revshare.js.v8', 'package.json']);
    // A server that asks for a password gets it hashed.
    const unused = inject('server').socket === null ? [] : ['crypto'];
    for (const module of [...unused, 'tls', 'child_process', 'internal/fs/promises', 'readline']) {
      expect(builtins).not.toContain(module);
    }
  });

  it('evaluates for a list what a list needs', () => {
    build({ REVSHARE_BUILD: 'named' });
    const modules = evaluated('partner', 'list');
    build();
    expect(modules).toContain('src/cli/commands/partner/index.ts');
    const others = modules.filter((path) => /^src\/cli\/commands\/(?!partner\/)/.test(path));
    expect(others).toEqual([]);
    const ballast =
      /^node_modules\/zod\/|inquirer|cli-table3|cli-progress|csv-stringify|temporal|src\/(formats|rails|runner)\//;
    expect(modules.filter((path) => ballast.test(path))).toEqual([]);
  });

  it('reads a script of moderate size, and the rest for other commands alone', () => {
    expect(statSync(BUNDLE).size).toBeLessThan(900_000);
    expect(statSync(`${BUNDLE}.v8`).size).toBeLessThan(1_100_000);
    // One byte a character: it is read as latin1.
    for (const script of ['revshare.js', 'rest.js']) {
      expect(/[^\0-\x7f]/.test(readFileSync(join(DIST, script), 'latin1'))).toBe(false);
    }
    const { files, compiled } = start('tenant', 'list');
    expect(compiled).toBe(true);
    expect(files.filter((file) => file.startsWith('dist/rest'))).toEqual(['dist/rest.js', 'dist/rest.js.v8']);
  });

  it('tells the frames of a stack as places of the source', () => {
    const script = [BUNDLE, join(DIST, 'rest.js')].find((file) => readFileSync(file, 'latin1').includes(TOLD))!;
    const lines = readFileSync(script, 'latin1').split('\n');
    const line = lines.findIndex((text) => text.includes(TOLD));
    const column = lines[line]!.indexOf(TOLD);
    const stack = `    at x (${script}:${line + 1}:${column + 1})\n    at node:internal/main:1:1`;
    expect(originalFrames(stack, DIST)).toMatch(
      /^    at src\/runner\/run-job\.ts:\d+:\d+\n    at node:internal\/main:1:1$/,
    );
    expect(originalFrames(stack, `${DIST}.gone`)).toBe(stack);
  });

  it('works from the text where V8 refuses what another one compiled, or nothing was', () => {
    const compiled = readFileSync(`${BUNDLE}.v8`);
    try {
      writeFileSync(`${BUNDLE}.v8`, compiled.subarray(0, compiled.length / 2));
      expect(start('partner', 'list').compiled).toBe(false);
      rmSync(`${BUNDLE}.v8`);
      expect(start('partner', 'list').compiled).toBe(null);
    } finally {
      writeFileSync(`${BUNDLE}.v8`, compiled);
    }
  });
});
