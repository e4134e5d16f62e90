import type { Database } from './db/connection.ts';
import { openSession, type Whereabouts } from './db/session.ts';
import type { MailSource } from './mail/mail-server.ts';
import type { KeySource } from './secrets/keyring.ts';
import type { RailSecretSource } from './secrets/rail-secrets.ts';
import type { Clock, Context, MutationReport, Progress } from './services/context.ts';
import { mutations } from './services/mutation.ts';

export interface ContextOptions {
  readonly where: Whereabouts;
  readonly programme: string;
  /** Default: none. */
  readonly keys?: KeySource;
  /** Default: none. */
  readonly railSecrets?: RailSecretSource;
  /** Default: none. */
  readonly mail?: MailSource;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly dryRun?: boolean;
  readonly plan?: string | null;
}

export type OpenedContext = Context & { close(): Promise<void> };

/** Config → database → services. Only bin, jobs and tests import this file. */
export async function openContext(options: ContextOptions): Promise<OpenedContext> {
  const session = await openSession(options.where, options.programme);
  return buildContext(session.db, {
    ...options,
    programme: session.programme,
    actor: session.actor,
    zone: session.zone,
  });
}

export function buildContext(
  db: Database,
  parts: Pick<ContextOptions, 'keys' | 'railSecrets' | 'mail' | 'clock' | 'progress' | 'dryRun' | 'plan'> & {
    programme: string;
    actor: string;
    zone: string;
  },
): OpenedContext {
  const report: MutationReport = { applied: false, changes: [], plan: null };
  const dryRun = parts.dryRun ?? false;
  return {
    db,
    programme: parts.programme,
    actor: parts.actor,
    zone: parts.zone,
    keys: parts.keys ?? { text: null, file: 'keys' },
    railSecrets: parts.railSecrets ?? { text: null, file: 'rail-secrets.toml' },
    mail: parts.mail ?? { url: null, from: null },
    clock: parts.clock,
    progress: parts.progress,
    dryRun,
    report,
    ...mutations(db, { dryRun, plan: parts.plan ?? null, report }),
    close: async () => await db.close(),
  };
}
