/**
 * Failures a person can act on. Each carries a stable `code` for scripts, an exit code for the shell and a hint that
 * says what to do; they are printed in one place (src/cli/main.ts). Anything else that is thrown is a fault of ours.
 */
export const ExitCode = {
  ok: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  unavailable: 4,
  integrity: 5,
  partial: 6,
  difference: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export abstract class RevshareError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly code: string;
  readonly hint: string | undefined;
  /** Facts for `--json` errors: never secrets, never parameters of a query. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** The command line, a file or a value cannot be read as what it claims to be. */
export class UsageError extends RevshareError {
  readonly exitCode = ExitCode.usage;
}
/** Well-formed, and against the rules of the business or of the state things are in. */
export class RefusedError extends RevshareError {
  readonly exitCode = ExitCode.refused;
}
/** The database, the configuration or a credential is missing or does not answer. */
export class UnavailableError extends RevshareError {
  readonly exitCode = ExitCode.unavailable;
}
/** The books disagree with themselves. Nobody may retry this away. */
export class IntegrityError extends RevshareError {
  readonly exitCode = ExitCode.integrity;
}
/** Some of the work was done and the rest is listed. */
export class PartialError extends RevshareError {
  readonly exitCode = ExitCode.partial;
}
/** A check ran to its end and found differences. */
export class DifferenceError extends RevshareError {
  readonly exitCode = ExitCode.difference;
}

/** What was asked for by code does not exist; one spelling for every noun. */
export class NotFoundError extends RefusedError {
  constructor(noun: string, code: string, hint?: string) {
    super(`${noun}_not_found`, `there is no ${noun} '${code}'`, hint === undefined ? {} : { hint });
  }
}
