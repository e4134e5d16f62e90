import { ExitCode, RevshareError } from '../domain/errors.ts';
import { plainText } from './output/plain-text.ts';
import type { Io } from './io.ts';

export interface Choice {
  readonly value: string;
  /** What is shown; the value itself by default. */
  readonly name?: string;
}

/** Asks a person. Only there where one can answer: see `canAsk`. */
export interface Asker {
  /** `check` returns what is wrong with an answer, or null. */
  text(question: { message: string; check: (answer: string) => string | null }): Promise<string>;
  select(question: { message: string; choices: readonly Choice[] }): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

/** Ctrl-C, or the end of the input at a question. */
export class InterruptedError extends RevshareError {
  readonly exitCode = ExitCode.interrupted;
  constructor(code = 'interrupted', message = 'interrupted') {
    super(code, message);
  }
}

/** Somebody was asked and said no. */
export class DeclinedError extends InterruptedError {
  constructor() {
    super('declined', 'declined: nothing was done');
  }
}

/**
 * Whether somebody can answer: both ends of the conversation are terminals, and it is neither a CI's pseudo-terminal
 * nor a run that --yes declares unattended. Asked before inquirer is loaded, which at the end of its input would end
 * the process with exit code 0.
 */
export function canAsk(io: Io, env: Readonly<Record<string, string | undefined>>, yes: boolean): boolean {
  const isCI = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return io.stdinIsTTY && io.stderrIsTTY && !yes && !isCI;
}

/** Asks at the terminal by inquirer, on stderr, so that stdout stays what was asked for. */
export function terminalAsker(io: Io): Asker {
  const prompt = async <T>(question: Record<string, unknown>): Promise<T> => {
    const { createPromptModule } = await import('inquirer');
    const ask = createPromptModule({ input: io.stdin, output: io.stderr });
    try {
      const answers = await (ask as unknown as (questions: unknown[]) => Promise<{ answer: T }>)([
        { ...question, name: 'answer' },
      ]);
      return answers.answer;
    } catch (error) {
      if (error instanceof Error && /^(ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name)) {
        throw new InterruptedError();
      }
      throw error;
    }
  };
  return {
    text: async ({ message, check }) =>
      await prompt<string>({ type: 'input', message, validate: (answer: string) => check(answer) ?? true }),
    select: async ({ message, choices }) =>
      await prompt<string>({
        type: 'select',
        message,
        pageSize: 12,
        choices: choices.map(({ value, name }) => ({ value, name: plainText(name ?? value) })),
      }),
    confirm: async (message) => await prompt<boolean>({ type: 'confirm', message, default: false }),
  };
}
