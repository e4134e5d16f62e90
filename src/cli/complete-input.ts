import { RevshareError, UsageError } from '../domain/errors.ts';
import type { Choice } from './asker.ts';
import type { Command, Invocation } from './command.ts';
import { nameOf, type Parameter } from './parameters.ts';

/** What commander found for each parameter: texts as typed, or whether a flag is there. */
export type RawInput = Readonly<Record<string, readonly string[] | boolean | undefined>>;

/**
 * Turns what was typed into the input of a command: reads each value, asks for what is missing where somebody can
 * answer, and otherwise names all that is missing at once.
 * @throws UsageError `missing_input`, `given_twice`, or what a reader says
 */
export async function completeInput(
  command: Command,
  raw: RawInput,
  invocation: Invocation,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  const missing: Parameter[] = [];
  for (const [key, parameter] of Object.entries(command.parameters)) {
    const value = await valueOf(parameter, raw[key], invocation);
    if (value === undefined && parameter.required) missing.push(parameter);
    input[key] = value;
  }
  if (missing.length > 0) {
    throw new UsageError('missing_input', `missing: ${missing.map(({ flags }) => flags).join(', ')}`, {
      hint: 'without a terminal nothing is asked for: give it on the command line; --help shows examples',
      details: { missing: missing.map(nameOf) },
    });
  }
  return input;
}

async function valueOf(
  parameter: Parameter,
  typed: readonly string[] | boolean | undefined,
  invocation: Invocation,
): Promise<unknown> {
  if (parameter.shape === 'flag') return typed === true;
  const texts = Array.isArray(typed) ? (typed as readonly string[]) : [];
  if (parameter.shape === 'values') return texts.map(parameter.read);
  if (texts.length > 1) {
    // Commander would take the last one silently, and of two rates one is a mistake.
    throw new UsageError('given_twice', `${nameOf(parameter)} is given ${texts.length} times`);
  }
  if (texts.length === 1) return named(parameter, () => parameter.read(texts[0]!));
  const wanted = parameter.required || parameter.ask?.always === true;
  return wanted && invocation.asker !== null ? await askFor(parameter, invocation) : undefined;
}

/** A date that cannot be read says whose it is: a command may have several. */
function named<T>(parameter: Parameter, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'date_invalid') throw error;
    const { code, message, hint, details } = error;
    throw new UsageError(code, `${nameOf(parameter)} ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    });
  }
}

/** Asks for one parameter: by choosing where there are choices, by typing otherwise. */
async function askFor(parameter: Parameter, invocation: Invocation): Promise<unknown> {
  const asker = invocation.asker!;
  const message = parameter.ask?.message ?? `${parameter.about}:`;
  const choices = await choicesOf(parameter, invocation);
  if (choices.length > 0) {
    const none = parameter.required ? [] : [{ value: '', name: '(none)' }];
    const chosen = await asker.select({ message, choices: [...none, ...choices] });
    return chosen === '' ? undefined : parameter.read(chosen);
  }
  const answer = await asker.text({
    message,
    check: (text) => (!parameter.required && text.trim() === '' ? null : complaint(parameter, text)),
  });
  return answer.trim() === '' ? undefined : parameter.read(answer);
}

async function choicesOf(parameter: Parameter, invocation: Invocation): Promise<readonly Choice[]> {
  if (parameter.choices !== null) return parameter.choices.map((value) => ({ value }));
  const choices = parameter.ask?.choices;
  return choices === undefined ? [] : await choices(await invocation.context());
}

function complaint(parameter: Parameter, text: string): string | null {
  return complaintOf(() => parameter.read(text));
}

/** What is wrong with an answer, as its reader says it; null where nothing is. */
export function complaintOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof RevshareError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  }
}
