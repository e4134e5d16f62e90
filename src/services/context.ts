import type { Connection, Database } from '../db/connection.ts';
import type { MailSource } from '../mail/mail-server.ts';
import type { KeySource } from '../secrets/keyring.ts';
import type { RailSecretSource } from '../secrets/rail-secrets.ts';

/** Time is a port. Nothing in domain or services reads the wall clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** It does not tell what time it is here and now, and is not meant to. */
  readonly isSimulated?: boolean;
}

/** Where long work says how far it is; a terminal draws it, a log prints it, a test ignores it. */
export interface Progress {
  step(label: string, done: number, total: number | null): void;
  done(): void;
}

/** One row that a mutation changed or, on a dry run, would have changed: read back from the audit trail. */
export interface Change {
  readonly action: 'insert' | 'update' | 'delete';
  readonly table: string;
  readonly key: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** How the last mutation of a context ended, for the one place that prints it. */
export interface MutationReport {
  applied: boolean;
  changes: readonly Change[];
  /** Hash of the changes without ids and times: equal plans mean an equal effect. */
  plan: string | null;
}

/** Runs one unit of batch work in a transaction of its own (real), or inside the one that will be rolled back (dry). */
export type Unit = <T>(work: (tx: Connection) => Promise<T>) => Promise<T>;

/** What every service gets. Built by src/app.ts, or by a test. */
export interface Context {
  readonly db: Database;
  readonly programme: string;
  /** The login of the session as the database names it. */
  readonly actor: string;
  /** IANA zone of the programme: business dates and periods are read in it. */
  readonly zone: string;
  readonly clock: Clock;
  /** Where the keys of account data are; read by what seals and opens, and by nothing else. */
  readonly keys: KeySource;
  /** Where the secrets of rails are; read by what calls a provider, and by nothing else. */
  readonly railSecrets: RailSecretSource;
  /** The server that notices are mailed by; read by what sends them, and by nothing else. */
  readonly mail: MailSource;
  readonly progress: Progress;
  readonly dryRun: boolean;
  readonly report: MutationReport;
  /**
   * The one wrapper of mutations: a transaction; on --dry-run the same transaction rolled back; with --plan HASH
   * refused (`plan_changed`) when the effect is not the one that was seen.
   */
  write<T>(work: (tx: Connection) => Promise<T>): Promise<T>;
  /**
   * For batch services: see `Unit`. With `dryRun` everything `work` did is rolled back when it ends; `held` is then the one
   * transaction of all units, and otherwise null.
   */
  batch<T>(work: (unit: Unit, held: Connection | null) => Promise<T>): Promise<T>;
}
