import { readFileSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { parse, TomlError } from 'smol-toml';
// zod/mini, because a bundle then carries the handful of checks used here instead of 400 kB.
import { enum as oneOf, minLength, refine, string, type ZodMiniType } from 'zod/mini';
import { loginOfUrl, mistakeInDatabaseUrl, parseDatabaseUrl } from './database-url.ts';
import { UnavailableError, UsageError } from './domain/errors.ts';
import { didYouMean } from './domain/near-names.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'ndjson', 'csv', 'tsv', 'id'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];

interface KeyDefinition {
  readonly about: string;
  readonly env: string | null;
  /** Null where a value must not stand in a list of processes. */
  readonly flag: string | null;
  readonly schema: ZodMiniType<string>;
  readonly secret?: boolean;
  /** A path: in a file it is relative to that file. */
  readonly path?: boolean;
}

const text = string().check(minLength(1, 'is blank'));
const databaseUrl = string().check(
  refine((url) => mistakeInDatabaseUrl(url) === null, { error: ({ input }) => mistakeInDatabaseUrl(String(input)) }),
);

const webUrl = string().check(
  refine((url) => /^https?:/.test(url) && URL.canParse(url), 'is not a URL that begins with https://'),
);

const smtpUrl = string().check(refine(isSmtpUrl, 'is not a URL that begins with smtp:// or smtps://'));
const mailAddress = string().check(
  refine((address) => /^[^@\s<>,;:"()]+@[^@\s<>,;:"()]+$/.test(address), 'is no e-mail address'),
);

/** Every key, in the order in which `config list` shows them. */
const KEYS = {
  home: {
    about: 'where the embedded database and local files live',
    env: 'REVSHARE_HOME',
    flag: '--home',
    schema: text,
    path: true,
  },
  programme: {
    about: 'the partner programme to work in',
    env: 'REVSHARE_PROGRAMME',
    flag: '--programme',
    schema: text,
  },
  actor: {
    about: 'who acts: the login whose name the database records',
    env: 'REVSHARE_ACTOR',
    flag: '--actor',
    schema: text,
  },
  database_url: {
    about: 'a Postgres server of your own; without it the embedded one is used',
    env: 'DATABASE_URL',
    flag: null,
    schema: databaseUrl,
    secret: true,
  },
  owner_url: {
    about: "the owner's login there: init, programme create, db migrate, db bootstrap",
    env: 'REVSHARE_OWNER_URL',
    flag: null,
    schema: databaseUrl,
    secret: true,
  },
  key_file: {
    about: 'the keys that seal account data; made by `keys init`',
    env: 'REVSHARE_KEY_FILE',
    flag: null,
    schema: text,
    path: true,
  },
  keys: {
    about: 'those keys themselves, in place of the file',
    env: 'REVSHARE_KEYS',
    flag: null,
    schema: text,
    secret: true,
  },
  rail_secrets_file: {
    about: 'the secrets of rails that call providers, as TOML',
    env: 'REVSHARE_RAIL_SECRETS_FILE',
    flag: null,
    schema: text,
    path: true,
  },
  rail_secrets: {
    about: 'those secrets themselves, in place of the file',
    env: 'REVSHARE_RAIL_SECRETS',
    flag: null,
    schema: text,
    secret: true,
  },
  smtp_url: {
    about: 'the server that notices are mailed by, as smtp://LOGIN:PASSWORD@HOST:587, or smtps://',
    env: 'REVSHARE_SMTP_URL',
    flag: null,
    schema: smtpUrl,
    secret: true,
  },
  mail_from: {
    about: 'the address that they are from',
    env: 'REVSHARE_MAIL_FROM',
    flag: null,
    schema: mailAddress,
  },
  log_file: {
    about: 'where `job run-due` and `job start` log, a line of JSON an event; - is stderr',
    env: 'REVSHARE_LOG_FILE',
    flag: null,
    schema: text,
    path: true,
  },
  metrics_file: {
    about: 'a Prometheus textfile that they write at each wake, one a programme',
    env: 'REVSHARE_METRICS_FILE',
    flag: null,
    schema: text,
    path: true,
  },
  ping_url: {
    about: 'called by them whenever nothing is left undone, so that its silence is news',
    env: 'REVSHARE_PING_URL',
    flag: null,
    schema: webUrl,
    secret: true,
  },
  journal_accounts: {
    about: 'what our accounts are called in the books that journals go to (TOML)',
    env: 'REVSHARE_JOURNAL_ACCOUNTS',
    flag: null,
    schema: text,
    path: true,
  },
  output: {
    about: `how lists and rows are printed: ${OUTPUT_FORMATS.join(', ')}`,
    env: 'REVSHARE_OUTPUT',
    flag: '--output',
    schema: oneOf(OUTPUT_FORMATS, `is none of ${OUTPUT_FORMATS.join(', ')}`),
  },
  color: {
    about: `when to use colour: ${COLOR_CHOICES.join(', ')}`,
    env: 'REVSHARE_COLOR',
    flag: '--color',
    schema: oneOf(COLOR_CHOICES, `is none of ${COLOR_CHOICES.join(', ')}`),
  },
} as const satisfies Record<string, KeyDefinition>;

export type ConfigKey = keyof typeof KEYS;
const KEY_NAMES = Object.keys(KEYS) as ConfigKey[];

/** Where a value came from: a flag, a variable, a file, or nobody said. */
export interface Origin {
  readonly source: 'flag' | 'env' | 'project file' | 'user file' | 'default';
  /** The flag, the variable or the path; null for a default. */
  readonly name: string | null;
}

/** Where the books are and who asks: what opening a session takes. */
export interface Where {
  readonly home: string;
  readonly databaseUrl: string | null;
  readonly ownerUrl: string | null;
  /** Asked for by somebody; null: the login of the URL, or the user of this machine. */
  readonly actor: string | null;
  readonly osUser: string;
}

/** Who hears of jobs besides whoever reads their output; each null where nobody does. */
export interface Watchers {
  /** A file, or `-` for stderr. */
  readonly logFile: string | null;
  readonly metricsFile: string | null;
  readonly pingUrl: string | null;
}

export interface Config {
  readonly where: Where;
  readonly programme: string;
  /** The keys of account data themselves, or the file that has them. */
  readonly keys: { readonly text: string | null; readonly file: string };
  /** The secrets of rails that call providers, or the file that has them. */
  readonly railSecrets: { readonly text: string | null; readonly file: string };
  /** How notices are mailed; each null where nobody said. */
  readonly mail: { readonly url: string | null; readonly from: string | null };
  readonly watchers: Watchers;
  /** The file that says what our accounts are called elsewhere; null where none does. */
  readonly journalAccounts: string | null;
  /** Null: a table on a terminal, TSV in a pipe. */
  readonly output: OutputFormat | null;
  readonly color: ColorChoice;
  /** Every key with its value as it may be shown (secrets masked) and its origin, in order. */
  readonly entries: readonly ConfigEntry[];
}

export interface ConfigEntry {
  readonly key: ConfigKey;
  readonly about: string;
  readonly value: string | null;
  readonly origin: Origin;
}

export interface ConfigSources {
  readonly flags: Readonly<Partial<Record<ConfigKey, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

interface Found {
  readonly value: string;
  readonly origin: Origin;
}

/**
 * Reads the configuration once: flag, then environment, then ./revshare.toml, then the user's file, then the default.
 * An empty variable counts as unset, as in any shell script that clears one.
 * @throws UsageError `flag_invalid` or UnavailableError `config_invalid`, naming every mistake of every source at once
 */
export function loadConfig(sources: ConfigSources): Config {
  const mistakes: string[] = [];
  const layers = [
    fromFlags(sources.flags),
    fromEnvironment(sources.env),
    fromFile('project file', join(sources.cwd, 'revshare.toml'), mistakes),
    fromFile('user file', userFile(sources.env), mistakes),
  ];
  const chosen: Partial<Record<ConfigKey, Found>> = {};
  let onlyFlagsAreWrong = mistakes.length === 0;
  for (const layer of layers) {
    for (const key of KEY_NAMES) {
      const found = layer[key];
      if (found === undefined) continue;
      // Checked even where a nearer source wins: a mistake that sleeps in a file wakes up at the worst moment.
      const verdict = KEYS[key].schema.safeParse(found.value);
      if (!verdict.success) {
        const shown = isSecret(key) ? '' : ` '${found.value}'`;
        mistakes.push(`${place(key, found.origin)}${shown} ${verdict.error.issues[0]?.message ?? 'is invalid'}`);
        onlyFlagsAreWrong &&= found.origin.source === 'flag';
      }
      chosen[key] ??= resolvePath(key, found, sources.cwd);
    }
  }
  refuseMistakes(mistakes, onlyFlagsAreWrong);
  return assemble(chosen, sources.env);
}

function assemble(chosen: Readonly<Partial<Record<ConfigKey, Found>>>, env: ConfigSources['env']): Config {
  const osUser = userOfMachine(env);
  const url = chosen.database_url?.value;
  const login = url === undefined ? null : loginOfUrl(url);
  const home = chosen.home?.value ?? ownDirectory('data');
  const defaults: Readonly<Record<ConfigKey, string | null>> = {
    home,
    programme: 'main',
    actor: login ?? osUser,
    database_url: null,
    owner_url: null,
    key_file: join(home, 'keys'),
    keys: null,
    rail_secrets_file: join(home, 'rail-secrets.toml'),
    rail_secrets: null,
    smtp_url: null,
    mail_from: null,
    log_file: null,
    metrics_file: null,
    ping_url: null,
    journal_accounts: null,
    output: null,
    color: 'auto',
  };
  const value = (key: ConfigKey) => chosen[key]?.value ?? defaults[key];
  // Without --actor the login of the URL is the actor, so that is where the name came from.
  const originOf = (key: ConfigKey): Origin =>
    chosen[key]?.origin ??
    (key === 'actor' && login !== null ? chosen.database_url?.origin : undefined) ?? { source: 'default', name: null };
  return {
    where: {
      home: value('home')!,
      databaseUrl: value('database_url'),
      ownerUrl: value('owner_url'),
      actor: chosen.actor?.value ?? null,
      osUser,
    },
    programme: value('programme')!,
    keys: { text: value('keys'), file: value('key_file')! },
    railSecrets: { text: value('rail_secrets'), file: value('rail_secrets_file')! },
    mail: { url: value('smtp_url'), from: value('mail_from') },
    watchers: { logFile: value('log_file'), metricsFile: value('metrics_file'), pingUrl: value('ping_url') },
    journalAccounts: value('journal_accounts'),
    output: value('output') as OutputFormat | null,
    color: value('color') as ColorChoice,
    entries: KEY_NAMES.map((key) => ({
      key,
      about: KEYS[key].about,
      value: isSecret(key) ? masked(key, value(key)) : value(key),
      origin: originOf(key),
    })),
  };
}

// ── Sources ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Layer = Partial<Record<ConfigKey, Found>>;

function fromFlags(flags: ConfigSources['flags']): Layer {
  const layer: Layer = {};
  for (const key of KEY_NAMES) {
    const value = flags[key];
    if (value !== undefined) layer[key] = { value, origin: { source: 'flag', name: KEYS[key].flag } };
  }
  return layer;
}

function fromEnvironment(env: ConfigSources['env']): Layer {
  const layer: Layer = {};
  for (const key of KEY_NAMES) {
    const name = KEYS[key].env;
    const value = env[name];
    if (value !== undefined && value !== '') layer[key] = { value, origin: { source: 'env', name } };
  }
  return layer;
}

/** Where this user's things are by the habits of the platform; with an empty HOME, too, never below the working directory. */
function ownDirectory(kind: 'data' | 'config'): string {
  const path = envPaths('revshare', { suffix: '' })[kind];
  return isAbsolute(path) ? path : resolve(userInfo().homedir, path);
}

/** The user's own file; REVSHARE_CONFIG names another one. */
function userFile(env: ConfigSources['env']): string {
  const given = env['REVSHARE_CONFIG'];
  return given === undefined || given === '' ? join(ownDirectory('config'), 'config.toml') : given;
}

function fromFile(source: 'project file' | 'user file', path: string, mistakes: string[]): Layer {
  const content = readIfThere(path, mistakes);
  if (content === null) return {};
  const layer: Layer = {};
  for (const [name, value] of Object.entries(content)) {
    if (!Object.hasOwn(KEYS, name)) {
      const hint = didYouMean(name, KEY_NAMES);
      mistakes.push(`${path}: there is no key '${name}'${hint === undefined ? '' : `, ${hint}`}`);
    } else if (typeof value !== 'string') {
      mistakes.push(`${path}: ${name} must be a text in quotes`);
    } else {
      layer[name as ConfigKey] = { value, origin: { source, name: path } };
    }
  }
  return layer;
}

function readIfThere(path: string, mistakes: string[]): Record<string, unknown> | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && !isOutOfSight(path))
      mistakes.push(`${path}: cannot be read (${code})`);
    return null;
  }
  try {
    return parse(content);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Only the first line of the message: what follows quotes the file, and the file may hold a password.
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    mistakes.push(`${path}: line ${error.line}, column ${error.column}: ${reason}`);
    return null;
  }
}

/** In a directory that this user may not enter, as root's home is after `sudo -u`: nothing there is meant for them. */
function isOutOfSight(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

function resolvePath(key: ConfigKey, found: Found, cwd: string): Found {
  // `-` is a stream.
  if (!('path' in KEYS[key]) || found.value === '-') return found;
  const base = found.origin.source.endsWith('file') ? dirname(resolve(cwd, found.origin.name!)) : cwd;
  const expanded = found.value === '~' || found.value.startsWith('~/') ? homedir() + found.value.slice(1) : found.value;
  return { ...found, value: resolve(base, expanded) };
}

function isSecret(key: ConfigKey): boolean {
  return 'secret' in KEYS[key];
}

/** A secret as it may be shown. */
function masked(key: ConfigKey, value: string | null): string | null {
  if (value === null) return null;
  if (key === 'keys' || key === 'rail_secrets') return '***';
  if (key === 'smtp_url') return withoutLogin(value);
  // Who knows its path may call it.
  return key === 'ping_url' ? `${new URL(value).origin}/***` : maskUrl(value);
}

/** With a login and a password that can be read out of it. */
function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\/[^/]/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  try {
    const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
    return user !== '' || pass === '';
  } catch {
    return false;
  }
}

/** A mail server without who logs in there. */
function withoutLogin(url: string): string {
  const { protocol, host, username } = new URL(url);
  return `${protocol}//${username === '' ? '' : '***@'}${host}`;
}

/** A URL without its password; where it cannot be taken apart nothing of it is shown. */
export function maskUrl(url: string | null): string | null {
  if (url === null) return null;
  try {
    const parsed = parseDatabaseUrl(url);
    if (parsed.password !== '') parsed.password = '***';
    for (const name of parsed.searchParams.keys()) {
      if (/pass|secret|key/i.test(name)) parsed.searchParams.set(name, '***');
    }
    return parsed.toString();
  } catch {
    return '***';
  }
}

function userOfMachine(env: ConfigSources['env']): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return env['USER'] || env['LOGNAME'] || `uid-${process.getuid?.() ?? 0}`;
  }
}

// ── Mistakes ──────────────────────────────────────────────────────────────────────────────────────────────────────

function place(key: ConfigKey, origin: Origin): string {
  return origin.source.endsWith('file') ? `${origin.name}: ${key}` : (origin.name ?? key);
}

function refuseMistakes(mistakes: readonly string[], onlyFlags: boolean): void {
  if (mistakes.length === 0) return;
  const message = mistakes.length === 1 ? mistakes[0]! : `${mistakes.length} mistakes:\n  ${mistakes.join('\n  ')}`;
  if (onlyFlags) throw new UsageError('flag_invalid', message);
  throw new UnavailableError('config_invalid', message, {
    hint: '`revshare config list --help` names every key and its variable',
    details: { mistakes },
  });
}
