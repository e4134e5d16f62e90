import { ExitCode } from '../domain/errors.ts';
import { InterruptedError } from './asker.ts';
import type { NounCommands } from './command.ts';
import { describeFailure, failureText } from './failure.ts';
import { errorSettings, leadingWords, readGlobalOptions, withNounsJoined } from './global-options.ts';
import type { Host } from './host.ts';
import { widthOf } from './io.ts';
import { NOUNS } from './nouns.ts';
import { paintFor } from './output/color.ts';
import { BrokenPipe, streamWriter, type Writer } from './output/writer.ts';

export type { Host, OpenedContext } from './host.ts';
export type { Io } from './io.ts';

/**
 * Runs one command line and returns its exit code; what was asked for goes to stdout, everything else to stderr. Never
 * throws and never ends the process: output that is still on its way into a pipe would be lost.
 */
export async function main(argv: readonly string[], host: Host): Promise<ExitCode> {
  const out = streamWriter(host.io.stdout, 'stdout');
  const err = streamWriter(host.io.stderr, 'stderr');
  try {
    return await run(argv, host, out, err);
  } catch (error) {
    if (error instanceof BrokenPipe) return ExitCode.ok;
    const { explainDatabaseFailure } = await import('../services/database-failure.ts');
    const settings = errorSettings(argv);
    const told = describeFailure(explainDatabaseFailure(error));
    const stack = told.stack !== null && settings.verbose ? await host.readableStack?.(told.stack) : undefined;
    const failure = { ...told, stack: stack ?? told.stack };
    const paint = paintFor('stderr', settings.color, host.env, host.io);
    // Where stderr is gone too there is nobody left to tell.
    await err.write(failureText(failure, { ...settings, paint })).catch(() => {});
    return failure.exitCode;
  }
}

async function run(typed: readonly string[], host: Host, out: Writer, err: Writer): Promise<ExitCode> {
  const argv = withNounsJoined(typed, NOUNS);
  const words = leadingWords(argv);
  if (words[0] === 'help') return await run([...words.slice(1), '--help'], host, out, err);
  if (words.length > 0 && isHelp(argv[0]!)) return await run([...argv.slice(1), '--help'], host, out, err);

  const [{ parseCommandLine }, { refuseUnknownWords }, called] = await Promise.all([
    import('./program.ts'),
    import('./misunderstood.ts'),
    loadCalled(words[0]),
  ]);
  refuseUnknownWords(words, called?.module ?? null, argv.some(isHelp));
  const written: string[] = [];
  const call = parseCommandLine(argv, {
    version: host.version,
    nouns: NOUNS,
    words,
    called,
    helpWidth: Math.min(widthOf(host.io, host.env) ?? 100, 120),
    writeOut: (text) => written.push(text),
  });
  if (call === null) {
    await out.write(written.join(''));
    return ExitCode.ok;
  }

  const globals = readGlobalOptions(call.globals, call.command.mutates);
  const [{ loadConfig }, { invocationOf }, { completeInput }] = await Promise.all([
    import('../config.ts'),
    import('./invocation.ts'),
    import('./complete-input.ts'),
  ]);
  const config = loadConfig({ flags: globals.config, env: host.env, cwd: host.cwd });
  const invocation = invocationOf(host, config, globals, NOUNS, out, err);
  try {
    const work = async () => {
      const input = await completeInput(call.command, call.raw, invocation);
      return (await call.command.run(invocation, input)) ?? ExitCode.ok;
    };
    return call.command.finishesUnit ? await work() : await unlessInterrupted(work(), host.interrupted);
  } finally {
    await invocation.close();
  }
}

const isHelp = (word: string) => word === '--help' || word === '-h';

async function loadCalled(name: string | undefined): Promise<{ name: string; module: NounCommands } | null> {
  const entry = NOUNS.find((noun) => noun.name === name);
  return entry === undefined ? null : { name: entry.name, module: await entry.load() };
}

/** Ctrl-C ends the waiting, not the writing: closing the session ends its statements, and a transaction rolls back. */
async function unlessInterrupted<T>(work: Promise<T>, interrupted: AbortSignal | undefined): Promise<T> {
  if (interrupted === undefined) return await work;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new InterruptedError());
    };
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
  });
  // What the abandoned work still says is of no interest to anybody.
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    interrupted.removeEventListener('abort', stop);
  }
}
