import { spawn, type ChildProcess } from 'node:child_process';
import { childScript } from '../children.ts';
import type { WorkOrder } from './accrual-child.ts';
import type { ClosingOrder } from './closing-child.ts';
import type { NightOrder } from './night-child.ts';

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Our own error's code, when it ended with one. */
  readonly error: string | null;
  readonly chunks: number;
  readonly stderr: string;
}

type Line = { word: 'ready' | 'chunk' | 'done' | 'failed'; code?: string };

type Script = 'accrual-child' | 'night-child' | 'closing-child';

/** A worker that is loaded and waits for its order, so that a fault can be timed from the order on. */
export class WorkerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<WorkerEnd>;
  #chunks = 0;
  readonly #said: Line[] = [];
  #listeners: (() => void)[] = [];

  private constructor(script: Script) {
    const child = spawn(process.execPath, [childScript(script)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    let stderr = '';
    let rest = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')));
    child.stdout.on('data', (data: Buffer) => {
      const lines = (rest + data.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const said = JSON.parse(line) as Line;
        this.#said.push(said);
        this.#chunks += said.word === 'chunk' ? 1 : 0;
      }
      this.#wake();
    });
    // A killed worker's order may find its pipe closed.
    child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        const error = this.#said.find((line) => line.word === 'failed')?.code ?? null;
        resolve({ code, signal, error, chunks: this.#chunks, stderr });
        this.#wake();
      });
    });
  }

  static async start(script: Script = 'accrual-child'): Promise<WorkerProcess> {
    const worker = new WorkerProcess(script);
    await worker.until(() => worker.#said.some((line) => line.word === 'ready'));
    return worker;
  }

  order(order: WorkOrder | NightOrder | ClosingOrder): void {
    this.child.stdin?.end(`${JSON.stringify(order)}\n`);
  }

  /** Resolves when the worker has written this many chunks, or has ended. */
  async chunks(count: number): Promise<void> {
    await this.until(() => this.#chunks >= count);
  }

  async until(true_: () => boolean): Promise<void> {
    const gone = () => this.child.exitCode !== null || this.child.signalCode !== null;
    while (!true_() && !gone()) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** To this process alone, by its own id. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  #wake(): void {
    for (const wake of this.#listeners.splice(0)) {
      wake();
    }
  }
}
