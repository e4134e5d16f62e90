import { parse, TomlError } from 'smol-toml';
import { RevshareError, UsageError } from '../domain/errors.ts';

/**
 * A file of TOML that somebody wrote by hand, as plain values.
 * @param file name for messages
 * @throws UsageError with the code and hint of whoever asks, by line and column
 */
export function parseTomlDocument(
  text: string,
  file: string,
  { code, hint }: { readonly code: string; readonly hint: string },
): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw new UsageError(code, `${file}:${error.line}:${error.column} is not TOML: ${reason}`, {
      hint,
      details: { file, line: error.line, column: error.column },
    });
  }
}

/** Adds what a check of a key says to the mistakes of a file, so that all of them are told together. */
export function gatherMistake(mistakes: string[], key: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof RevshareError)) throw error;
    mistakes.push(`${key}: ${error.message}${error.hint === undefined ? '' : ` — ${error.hint}`}`);
  }
}
