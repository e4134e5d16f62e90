import { ExitCode, RevshareError } from '../domain/errors.ts';
import { plainJson, plainLines } from './output/plain-text.ts';
import type { Paint } from './output/color.ts';

/** A failure as it is printed and as the shell sees it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly exitCode: ExitCode;
  /** Only of a fault: where in our code it happened. */
  readonly stack: string | null;
}

/** Reads anything that was thrown. What is none of our errors is a fault of ours, whatever it says. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof RevshareError) {
    return {
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      details: error.details ?? null,
      exitCode: error.exitCode,
      stack: null,
    };
  }
  return {
    code: 'fault',
    message: error instanceof Error ? `${error.name}: ${firstLine(error)}` : String(error),
    hint: 'this is a bug in revshare: run it again with --verbose and report what it prints',
    details: null,
    exitCode: ExitCode.fault,
    stack: error instanceof Error ? stackOf(error) : null,
  };
}

/** The lines for a person, or with `json` one line for a script and nothing else. */
export function failureText(failure: Failure, settings: { json: boolean; verbose: boolean; paint: Paint }): string {
  const { code, message, hint, details, stack } = failure;
  const { paint } = settings;
  if (settings.json) return `${plainJson({ error: { code, message, hint, details } })}\n`;
  const lines = [`${paint('red', `error[${code}]:`)} ${plainLines(message)}`];
  if (hint !== null) lines.push(`${paint('bold', 'hint:')} ${plainLines(hint)}`);
  if (stack !== null && settings.verbose) lines.push(plainLines(stack));
  return `${lines.join('\n')}\n`;
}

/** Drizzle puts the parameters of a query into its message; only what the database itself said may be shown. */
function firstLine(error: Error): string {
  const said = error.cause instanceof Error && error.message.startsWith('Failed query') ? error.cause : error;
  return said.message.split('\n')[0] ?? '';
}

function stackOf(error: Error): string {
  const frames = (one: Error) => (one.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames(error);
  const cause =
    error.cause instanceof Error
      ? [`caused by ${error.cause.name}: ${firstLine(error.cause)}`, ...frames(error.cause)]
      : [];
  return [...own, ...cause].join('\n');
}
