import type { Config, Where } from '../config.ts';
import type { Job } from '../runner/job.ts';
import type { Clock, Context, Progress } from '../services/context.ts';
import type { Asker } from './asker.ts';
import type { Io } from './io.ts';

/** What opening a session takes; src/app.ts understands exactly this. */
export interface ContextRequest {
  readonly where: Where;
  readonly programme: string;
  readonly keys: Config['keys'];
  readonly railSecrets: Config['railSecrets'];
  readonly mail: Config['mail'];
  readonly clock: Clock;
  readonly progress: Progress;
  readonly dryRun: boolean;
  readonly plan: string | null;
}

export type OpenedContext = Context & { close(): Promise<void> };

/**
 * Everything a command line touches outside itself. bin/ fills it with the process, tests with streams of their own, so
 * that every command runs in process, on any clock, and nothing ever calls process.exit.
 */
export interface Host {
  readonly io: Io;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** This tool as absolute words, for whoever is to call it: node and the script. */
  readonly executable: readonly string[];
  /** The version in package.json. */
  readonly version: string;
  /** A stack's frames as places of our source, where they are something else. */
  readonly readableStack?: (stack: string) => Promise<string>;
  /** Aborted by Ctrl-C. */
  readonly interrupted?: AbortSignal;
  /** Asks instead of the terminal; for tests. */
  readonly asker?: Asker;
  openContext(request: ContextRequest): Promise<OpenedContext>;
  loadJobs(): Promise<{ readonly jobs: readonly Job[] }>;
}
