/** Homes that are cleaned up whatever a test did to them, and commands run in them. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import { childScript } from '../../children.ts';
import {
  EMBEDDED_DATABASE,
  EMBEDDED_SUPERUSER,
  socketDirectoryFor,
  type EmbeddedEndpoint,
} from '../../../src/db/embedded/endpoint.ts';
import { findNative } from '../../../src/db/embedded/native.ts';
import { ensureServer, stopServer } from '../../../src/db/embedded/server.ts';

export const isRoot = process.geteuid?.() === 0;
export const NOBODY = 65534;
export const nativeDirectory = findNative().directory;

const script = childScript('server-child');

const asUser = (uid: number) => [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];

/** Whether root can lend this checkout to an ordinary user: not when it lies below a directory that only root may enter. */
export const nobodyGetsHere =
  isRoot && spawnSync('/usr/bin/setpriv', [...asUser(NOBODY), 'test', '-r', script]).status === 0;

export interface Outcome {
  ok: boolean;
  endpoint: EmbeddedEndpoint;
  code: string;
  message: string;
  hint: string;
  events: string[];
  ms: number;
}

const scenes: string[] = [];
const helpers: number[] = [];

/** A directory of its own for one test; homes go inside. */
export function newScene(): string {
  const scene = mkdtempSync(join(tmpdir(), 'embedded-test-'));
  chmodSync(scene, 0o755);
  scenes.push(scene);
  return scene;
}

let template: string | null = null;

/**
 * A home with a database in it, stopped: a copy of one that is made once, for the tests that are not about making one.
 */
export async function homeWithDatabase(scene = newScene(), name = 'home'): Promise<string> {
  if (template === null) {
    template = mkdtempSync(join(tmpdir(), 'embedded-test-template-'));
    await ensureServer(template);
    await stopServer(template);
  }
  const home = join(scene, name);
  cpSync(template, home, { recursive: true });
  return home;
}

export function removeTemplate(): void {
  if (template === null) return;
  rmSync(socketDirectoryFor(join(template, 'postgres', 'data')), { recursive: true, force: true });
  rmSync(template, { recursive: true });
}

export interface CommandOptions {
  uid?: number;
  env?: Record<string, string>;
  deadlineMs?: number;
}

/** Runs ensureServer in a process of its own. */
export async function command(home: string, options: CommandOptions = {}): Promise<Outcome> {
  const { file, args, env } = commandLine(home, options);
  const child = spawn(file, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(output) as Outcome;
}

export function commandLine(home: string, options: CommandOptions = {}) {
  const node = [script, home, ...(options.deadlineMs ? [String(options.deadlineMs)] : [])];
  const env = { ...process.env, ...options.env };
  if (options.uid === undefined) return { file: process.execPath, args: node, env };
  return { file: '/usr/bin/setpriv', args: [...asUser(options.uid), process.execPath, ...node], env };
}

/** A connection that the caller closes. */
export function connect(endpoint: { socketDir: string; port: number }, database = EMBEDDED_DATABASE): postgres.Sql {
  return postgres({
    host: endpoint.socketDir,
    port: endpoint.port,
    database,
    username: EMBEDDED_SUPERUSER,
    max: 1,
    onnotice: () => {},
  });
}

/** One query on a connection of its own. */
export async function ask(endpoint: EmbeddedEndpoint, query: string): Promise<Record<string, unknown>[]> {
  const sql = connect(endpoint);
  try {
    return await sql.unsafe(query);
  } finally {
    await sql.end();
  }
}

export function pidFileOf(home: string): string {
  return join(home, 'postgres', 'data', 'postmaster.pid');
}

export function serverPid(home: string): number {
  return Number(readFileSync(pidFileOf(home), 'utf8').split('\n')[0]);
}

export async function killServer(home: string): Promise<void> {
  const pid = serverPid(home);
  process.kill(pid, 'SIGKILL');
  await gone(pid);
}

/** Waits until a process is no more, or only a zombie. */
export async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 600 && isRunning(pid); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A process that is nobody's server, alive until the test ends. */
export function stranger(cwd: string): number {
  const child = spawn('sleep', ['300'], { cwd, stdio: 'ignore' });
  helpers.push(child.pid as number);
  return child.pid as number;
}

/** A process that has ended and that its parent never asks about. */
export async function zombie(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 300'], { stdio: ['ignore', 'pipe', 'ignore'] });
  helpers.push(parent.pid as number);
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
  await gone(pid);
  return pid;
}

/** Stops every server of the test by its pid, and removes all that it made. */
export async function tearDown(): Promise<void> {
  for (const pid of helpers.splice(0)) process.kill(pid, 'SIGKILL');
  for (const scene of scenes.splice(0)) {
    const dataDirs = execFileSync('find', [
      scene,
      '-maxdepth',
      '8',
      '-name',
      'PG_VERSION',
      '-path',
      '*/data/PG_VERSION',
    ])
      .toString()
      .split('\n')
      .filter((path) => path !== '')
      .map((path) => dirname(path));
    for (const dataDir of dataDirs) {
      const pidFile = join(dataDir, 'postmaster.pid');
      const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : [];
      const pid = Number(lines[0]);
      // Some tests forge the file; only a server is ever signalled.
      if (pid > 1 && isRunning(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres') {
        process.kill(pid, 'SIGINT');
        await gone(pid);
      }
      for (const directory of [socketDirectoryFor(dataDir), lines[4] ?? ''])
        if (directory.includes('/revshare-')) rmSync(directory, { recursive: true, force: true });
    }
    rmSync(scene, { recursive: true, force: true });
  }
}
