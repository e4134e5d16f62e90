import type { Context } from '../../services/context.ts';
import type { Choice } from '../asker.ts';
import { commandsOf, type Command, type NounEntry } from '../command.ts';
import { GLOBAL_FLAGS, MUTATION_FLAGS } from '../global-options.ts';
import { nameOf, type Parameter } from '../parameters.ts';
import { codeKind, type CodeKind } from './code-kinds.ts';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** What only the books know: asked for when a word of theirs is to come, and not before. */
export interface Known {
  codes(kind: CodeKind, prefix: string): Promise<readonly string[]>;
  jobs(): Promise<readonly Candidate[]>;
  choices(of: (ctx: Context) => Promise<readonly Choice[]>): Promise<readonly Choice[]>;
}

/**
 * What may come next. `typed` are the words behind `revshare` up to the cursor, the last one as far as it was typed, and
 * perhaps empty. Only the noun that is called is loaded.
 */
export async function candidates(
  nouns: readonly NounEntry[],
  typed: readonly string[],
  known: Known,
): Promise<Candidate[]> {
  const prefix = typed.at(-1) ?? '';
  const found = await following(nouns, typed.slice(0, -1), prefix, known);
  return found.filter(({ word }) => word.startsWith(prefix));
}

async function following(
  nouns: readonly NounEntry[],
  before: readonly string[],
  prefix: string,
  known: Known,
): Promise<readonly Candidate[]> {
  const waiting = before.at(-1);
  if (waiting !== undefined && takesValue(GLOBAL_FLAGS, waiting)) return [];
  const { words, rest } = leading(before);
  const [noun, verb] = words[0] === 'help' ? words.slice(1) : words;
  const entry = nouns.find(({ name }) => name === noun);
  if (noun === undefined) return prefix.startsWith('-') ? flagsOf(GLOBAL_FLAGS) : nounWords(nouns);
  if (entry === undefined) return [];

  const commands = commandsOf(await entry.load());
  const command = commands.find((one) => one.verb === '' || one.verb === verb);
  if (command === undefined) {
    if (verb !== undefined) return [];
    return prefix.startsWith('-') ? flagsOf(GLOBAL_FLAGS) : commands.map(({ verb: word, summary }) => ({ word, about: summary })); // prettier-ignore
  }
  const own = Object.values(command.parameters);
  const options = own.filter(({ place }) => place === 'option');
  const asked = waiting === undefined ? undefined : options.find((one) => one.shape !== 'flag' && isFlag(one.flags, waiting)); // prettier-ignore
  if (asked !== undefined) return await valuesOf(asked, entry.name, command, prefix, known);
  if (prefix.startsWith('-')) {
    return flagsOf([...options, ...(command.mutates ? MUTATION_FLAGS : []), ...GLOBAL_FLAGS]);
  }
  const position = positionIn([...(command.verb === '' && verb !== undefined ? [verb] : []), ...rest], options);
  const places = own.filter(({ place }) => place === 'argument');
  const argument = places[position] ?? places.findLast(({ shape }) => shape === 'values');
  return argument === undefined ? [] : await valuesOf(argument, entry.name, command, prefix, known);
}

/** Noun and verb, without the global options that may stand before and between them, and what follows. */
function leading(before: readonly string[]): { words: string[]; rest: string[] } {
  const words: string[] = [];
  let at = 0;
  for (; at < before.length && words.length < (words[0] === 'help' ? 3 : 2); at += 1) {
    const word = before[at]!;
    if (!word.startsWith('-')) words.push(word);
    else if (takesValue(GLOBAL_FLAGS, word)) at += 1;
  }
  return { words, rest: before.slice(at) };
}

/** How many arguments stand there already. */
function positionIn(rest: readonly string[], options: readonly Parameter[]): number {
  let count = 0;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at]!;
    if (!word.startsWith('-')) count += 1;
    else if (takesValue([...options, ...GLOBAL_FLAGS], word)) at += 1;
  }
  return count;
}

interface Flag {
  readonly flags: string;
  readonly about: string;
}

const spellings = (flags: string): string[] => flags.replace(/ <.*/, '').split(', ');
const isFlag = (flags: string, word: string): boolean => spellings(flags).includes(word);
const takesValue = (among: readonly Flag[], word: string): boolean =>
  among.some(({ flags }) => flags.includes('<') && isFlag(flags, word));
const flagsOf = (among: readonly Flag[]): Candidate[] =>
  among.map(({ flags, about }) => ({ word: spellings(flags).at(-1)!, about }));
const nounWords = (nouns: readonly NounEntry[]): Candidate[] => [
  ...nouns.map(({ name, summary }) => ({ word: name, about: summary })),
  { word: 'help', about: 'print the help of a command' },
];

async function valuesOf(
  parameter: Parameter,
  noun: string,
  { verb }: Command,
  prefix: string,
  known: Known,
): Promise<readonly Candidate[]> {
  if (parameter.choices !== null) return parameter.choices.map((word) => ({ word, about: '' }));
  const name = nameOf(parameter);
  if (name === 'JOB' || name === '--job') return await known.jobs();
  const kind = codeKind(name, noun, verb);
  if (kind !== null) return (await known.codes(kind, prefix)).map((word) => ({ word, about: '' }));
  const choices = parameter.ask?.choices;
  if (choices === undefined) return [];
  return (await known.choices(choices)).map(({ value, name: text }) => ({
    word: value,
    about: text?.startsWith(value) === true ? text.slice(value.length).trim() : (text ?? ''),
  }));
}
