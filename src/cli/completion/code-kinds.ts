import type { CodedThing } from '../../services/completion/codes-beginning.ts';

export type CodeKind = CodedThing;

/** Whose code a parameter takes, by its name: these are called the same in every command. */
const BY_NAME: Readonly<Record<string, CodeKind>> = {
  PARTNER: 'partner',
  '--partner': 'partner',
  '--parent': 'partner',
  '--under': 'partner',
  INSTANCE: 'instance',
  '--instance': 'instance',
  '--default-instance': 'instance',
  '--tenant': 'tenant',
  TIER: 'tier',
  '--tier': 'tier',
  '--plan': 'plan',
};
const NOUNS = new Set<string>(['partner', 'instance', 'tenant', 'plan', 'subscription', 'tier'] satisfies CodeKind[]);
/** What they name is not there yet. */
const MAKING = new Set(['create', 'add']);

/** The kind of code that comes here, or null: also the CODE of a noun that has codes, unless it is about to be chosen. */
export function codeKind(parameter: string, noun: string, verb: string): CodeKind | null {
  const named = BY_NAME[parameter];
  if (named !== undefined) return named;
  return parameter === 'CODE' && NOUNS.has(noun) && !MAKING.has(verb) ? (noun as CodeKind) : null;
}
