import { spawn, type ChildProcess } from 'node:child_process';
import { childScript } from '../children.ts';
import type { DatabaseTarget } from '../../src/db/connection.ts';
import type { ImportRequest } from '../../src/services/revenue/import-revenue.ts';

export interface ImportEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Our own error's code, when it ended with one. */
  readonly error: string | null;
  readonly stderr: string;
}

/** An import that is loaded and waits for the word, so that a fault can be timed from there on. */
export class ImportProcess {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<ImportEnd>;

  constructor(target: DatabaseTarget, request: ImportRequest) {
    const order = JSON.stringify({ target, request });
    const child = spawn(process.execPath, [childScript('import-child'), order], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    let stdout = '';
    let stderr = '';
    child.stdin.on('error', () => {});
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')));
    this.ready = new Promise((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        stdout += data.toString('utf8');
        if (stdout.startsWith('ready\n')) resolve();
      });
      child.once('close', () => resolve());
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        const error = /"error":"([a-z_]+)"/.exec(stdout)?.[1] ?? null;
        resolve({ code, signal, error, stderr });
      });
    });
  }

  go(): void {
    this.child.stdin?.end('go\n');
  }

  /** This process alone, by its own id. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
