/** What was typed and cannot be understood, in our words: what is wrong, and which help would have said so. */
import type { CommanderError } from 'commander';
import { UsageError } from '../domain/errors.ts';
import { nearNames } from '../domain/near-names.ts';
import type { NounCommands } from './command.ts';
import { NOUNS } from './nouns.ts';

/**
 * Refuses words that name no command, before anything else is read: commander would answer `help partnr` with the help
 * of everything. `called` is the noun's commands, null where there is no such noun.
 * @throws UsageError `unknown_command`, `verb_missing`
 */
export function refuseUnknownWords(words: readonly string[], called: NounCommands | null, wantsHelp: boolean): void {
  const [noun, verb] = words;
  if (noun === undefined) return;
  if (called === null)
    throw unknownCommand(
      noun,
      noun,
      NOUNS.map(({ name }) => name),
      'revshare --help',
    );
  if ('command' in called) return;
  const verbs = called.commands.map((command) => command.verb);
  if (verb === undefined) {
    if (wantsHelp) return;
    throw new UsageError('verb_missing', `'revshare ${noun}' wants one of: ${verbs.join(', ')}`, {
      hint: `\`revshare ${noun} --help\` says what each does`,
    });
  }
  if (!verbs.includes(verb)) throw unknownCommand(`${noun} ${verb}`, verb, verbs, `revshare ${noun} --help`);
}

function unknownCommand(typed: string, word: string, known: readonly string[], help: string): UsageError {
  const near = nearNames(word, known);
  return new UsageError('unknown_command', `there is no command '${typed}'`, {
    hint: near.length === 0 ? `\`${help}\` lists what there is` : `did you mean ${near.join(' or ')}?`,
  });
}

/** Commander's complaint about the options and arguments of a command that is known. */
export function misread({ code, message }: CommanderError, words: readonly string[]): UsageError {
  const [first = '', ...more] = message.split('\n');
  const suggestion = /\(Did you mean (.*)\?\)/.exec(more.join(' '))?.[1];
  return new UsageError(
    code.replace('commander.', '').replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`),
    inOurWords(first.replace(/^error: /, ''), words),
    {
      hint:
        suggestion === undefined
          ? `\`${['revshare', ...words.slice(0, 2), '--help'].join(' ')}\` says what it takes`
          : `did you mean ${suggestion}?`,
    },
  );
}

function inOurWords(complaint: string, words: readonly string[]): string {
  const missing = /^option '(?:-\w, )?(.*)' argument missing$/.exec(complaint);
  if (missing !== null) return `${missing[1]!} is missing its value`;
  const excess = /Expected (\d+) arguments? but got (\d+)/.exec(complaint);
  if (excess === null) return complaint;
  const takes = excess[1] === '0' ? 'no argument' : excess[1] === '1' ? 'one argument' : `${excess[1]} arguments`;
  return `'${['revshare', ...words.slice(0, 2)].join(' ')}' takes ${takes}, not ${excess[2]!}: quote what holds spaces`;
}
