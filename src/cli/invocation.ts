import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { canAsk, terminalAsker } from './asker.ts';
import type { Invocation, NounEntry } from './command.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Host, OpenedContext } from './host.ts';
import { widthOf } from './io.ts';
import { paintFor } from './output/color.ts';
import { plainText } from './output/plain-text.ts';
import type { Writer } from './output/writer.ts';
import { progressOn } from './progress.ts';

export interface RunningInvocation extends Invocation {
  /** Closes what was opened; safe to call twice. */
  close(): Promise<void>;
}

/** Gives a command what it runs with. The session is opened when somebody asks for it, once, and closed by main. */
export function invocationOf(
  host: Host,
  config: Config,
  globals: GlobalOptions,
  nouns: readonly NounEntry[],
  out: Writer,
  err: Writer,
): RunningInvocation {
  const { io, env } = host;
  const paint = paintFor('stdout', config.color, env, io);
  const progress = progressOn(io, host.clock, globals.quiet);
  const note = async (text: string) => {
    // A note that nobody can read is no reason to keep the data from whoever asked for it.
    if (!globals.quiet) await err.write(`${plainText(text)}\n`).catch(() => {});
  };
  let opening: Promise<OpenedContext> | null = null;
  let opened: OpenedContext | null = null;
  let closed = false;

  return {
    host,
    config,
    format: config.output,
    print: {
      ...{ out, paint, note, format: config.output, isTTY: io.stdoutIsTTY, columns: widthOf(io, env) },
      actorsClaimed: config.where.databaseUrl === null && config.where.ownerUrl === null,
    },
    yes: globals.yes,
    quiet: globals.quiet,
    dryRun: globals.dryRun,
    plan: globals.plan,
    progress,
    asker: canAsk(io, env, globals.yes) ? (host.asker ?? terminalAsker(io)) : null,
    async context() {
      opening ??= host.openContext({
        where: config.where,
        programme: config.programme,
        keys: config.keys,
        railSecrets: config.railSecrets,
        mail: config.mail,
        clock: host.clock,
        progress,
        dryRun: globals.dryRun,
        plan: globals.plan,
      });
      opened = await opening;
      return opened;
    },
    note,
    nouns,
    path: (file) => resolve(host.cwd, file),
    async close() {
      progress.done();
      if (closed) return;
      closed = true;
      // Interrupted while it was being opened: nobody waits for it any more, and it is closed when it comes.
      if (opened === null) opening?.then(async (late) => await late.close()).catch(() => {});
      else await opened.close();
    },
  };
}
