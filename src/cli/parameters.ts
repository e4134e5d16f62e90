import { UsageError } from '../domain/errors.ts';
import { didYouMean } from '../domain/near-names.ts';
import type { Context } from '../services/context.ts';
import type { Choice } from './asker.ts';

/** How a missing answer is asked for on a terminal. Without it a required one is asked for by its description. */
export interface Ask {
  readonly message?: string;
  /** Ask even though the command works without it. */
  readonly always?: boolean;
  /** What there is to choose from; where nothing is, the answer is typed. */
  readonly choices?: (ctx: Context) => Promise<readonly Choice[]>;
}

/** An argument or option of a command, as data: help, parsing, prompts and the type of the input come from it. */
export interface Parameter<T = unknown> {
  readonly place: 'argument' | 'option';
  /** As commander writes it: 'CODE', '--name <text>', '--pending'. */
  readonly flags: string;
  readonly about: string;
  readonly shape: 'value' | 'values' | 'flag';
  readonly required: boolean;
  readonly choices: readonly string[] | null;
  /** Turns what was typed into what is meant; throws UsageError. */
  readonly read: (text: string) => unknown;
  readonly ask: Ask | null;
  /** Only for the type of the input; never set. */
  readonly meaning?: T;
}

export type Parameters = Readonly<Record<string, Parameter>>;
/** What a command gets: each parameter under its key, read. */
export type Input<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

export interface Reading<T> {
  readonly read?: (text: string) => T;
  readonly choices?: readonly T[];
  readonly ask?: Ask;
}

/** How a plain text is asked for. */
interface Plain {
  readonly read?: undefined;
  readonly choices?: undefined;
  readonly ask?: Ask;
}

// Each constructor has two faces, because without a reader the meaning of a value is the text itself.

/** A positional argument that must be there. */
export function argument(name: string, about: string, reading?: Plain): Parameter<string>;
export function argument<const T>(name: string, about: string, reading?: Reading<T>): Parameter<T>;
export function argument(name: string, about: string, reading: Plain | Reading<unknown> = {}): Parameter<never> {
  return declare('argument', name, about, 'value', true, reading);
}

/** An option with a value that may be left out. */
export function option(flags: string, about: string, reading?: Plain): Parameter<string | undefined>;
export function option<const T>(flags: string, about: string, reading?: Reading<T>): Parameter<T | undefined>;
export function option(flags: string, about: string, reading: Plain | Reading<unknown> = {}): Parameter<never> {
  return declare('option', flags, about, 'value', false, reading);
}

/** An option with a value that must be there, asked for on a terminal. */
export function requiredOption(flags: string, about: string, reading?: Plain): Parameter<string>;
export function requiredOption<const T>(flags: string, about: string, reading?: Reading<T>): Parameter<T>;
export function requiredOption(flags: string, about: string, reading: Plain | Reading<unknown> = {}): Parameter<never> {
  return declare('option', flags, about, 'value', true, reading);
}

/** An option that may be given several times. */
export function repeatedOption(flags: string, about: string, reading?: Plain): Parameter<string[]>;
export function repeatedOption<const T>(flags: string, about: string, reading?: Reading<T>): Parameter<T[]>;
export function repeatedOption(flags: string, about: string, reading: Plain | Reading<unknown> = {}): Parameter<never> {
  return declare('option', flags, about, 'values', false, reading);
}

/** Positional arguments, as many as are given and none too; the last of a command's arguments. */
export function repeatedArgument(name: string, about: string, reading?: Plain): Parameter<string[]>;
export function repeatedArgument<const T>(name: string, about: string, reading?: Reading<T>): Parameter<T[]>;
export function repeatedArgument(
  name: string,
  about: string,
  reading: Plain | Reading<unknown> = {},
): Parameter<never> {
  return declare('argument', `${name}...`, about, 'values', false, reading);
}

/** An option without a value. */
export function flag(flags: string, about: string): Parameter<boolean> {
  return declare('option', flags, about, 'flag', false, {});
}

function declare(
  place: Parameter['place'],
  flags: string,
  about: string,
  shape: Parameter['shape'],
  required: boolean,
  reading: Plain | Reading<unknown>,
): Parameter<never> {
  const name = nameOf({ place, flags });
  const choices = (reading.choices ?? null) as readonly string[] | null;
  const read = reading.read ?? ((text: string) => readText(text, name));
  return {
    place,
    flags,
    about,
    shape,
    required,
    choices,
    ask: reading.ask ?? null,
    read: choices === null ? read : (text) => readChoice(text, choices, name),
  };
}

/** How a parameter is called in a message: 'CODE' or '--name'. */
export function nameOf({ place, flags }: Pick<Parameter, 'place' | 'flags'>): string {
  return place === 'argument' ? flags : (/--[a-z-]+/.exec(flags)?.[0] ?? flags);
}

/** A text as typed, trimmed; a blank one is a slip and a NUL cannot be stored. */
export function readText(text: string, name: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new UsageError('value_blank', `${name} is blank`);
  if (trimmed.includes('\0')) throw new UsageError('value_invalid', `${name} holds a NUL character`);
  return trimmed;
}

function readChoice(text: string, choices: readonly string[], name: string): string {
  if (choices.includes(text)) return text;
  const near = didYouMean(text, choices);
  throw new UsageError('choice_unknown', `${name} '${text}' is none of ${choices.join(', ')}`, {
    ...(near === undefined ? {} : { hint: near }),
  });
}

/** Reads several texts with commas between them. */
export const listOf = (name: string) => (text: string) => text.split(',').map((part) => readText(part, name));

/** A limit, or `none`, which takes it away. */
export function orNone<T>(read: (text: string) => T): (text: string) => T | null {
  return (text) => (text.trim() === 'none' ? null : read(text));
}

/** Reads a whole number within bounds. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new UsageError('number_invalid', `${name} must be a whole number from ${least} to ${most}, not '${text}'`);
  };
}
