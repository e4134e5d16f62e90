import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UnavailableError } from '../domain/errors.ts';
import { API_RAILS, type ApiRailName } from '../domain/rail-names.ts';
import { parseTomlDocument } from '../formats/toml-document.ts';
import type { RailSecrets } from '../rails/api-rail.ts';

/** Where the secrets of rails are: in the environment, which goes first, or in a file. */
export interface RailSecretSource {
  readonly text: string | null;
  readonly file: string;
}

const FIELDS = ['secret', 'webhook_secret', 'webhook_certificate', 'live', 'url'];
const HINT = `a table for each rail, as [stripe], with ${FIELDS.join(', ')}`;

/**
 * The secrets of a rail. A file that others may read is refused: then these are no secrets. No message repeats a value.
 * @throws UnavailableError `rail_secrets_missing`, `rail_secrets_unreadable`, `rail_secrets_exposed`
 */
export function railSecrets(source: RailSecretSource, rail: ApiRailName): RailSecrets {
  const from = source.text === null ? source.file : 'REVSHARE_RAIL_SECRETS';
  const tables = tablesOf(source.text ?? readPrivate(source.file), from);
  const table = tables[rail];
  const text = (name: string) => {
    const value = table?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const secret = text('secret');
  if (secret === null) {
    throw new UnavailableError('rail_secrets_missing', `there is no secret of ${rail} in ${from}`, {
      hint: `write it there, as [${rail}] secret = "…"; another place is told by REVSHARE_RAIL_SECRETS_FILE`,
    });
  }
  const url = text('url');
  if (url !== null && !isSafe(url)) {
    throw unreadable(from, `url of ${rail} is neither https nor of this machine`);
  }
  const certificate = text('webhook_certificate');
  return {
    ...{ from, secret, url, live: table?.['live'] === true },
    webhook: certificate === null ? text('webhook_secret') : readPublic(source, certificate),
  };
}

function tablesOf(text: string | null, from: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (text === null) return {};
  let found: unknown;
  try {
    found = parseTomlDocument(text, from, { code: 'rail_secrets_unreadable', hint: HINT });
  } catch {
    // Without its message, which might quote the file.
    throw unreadable(from, 'it is not TOML');
  }
  const tables = Object.entries(found as Record<string, unknown>);
  for (const [name, table] of tables) {
    if (!(API_RAILS as readonly string[]).includes(name))
      throw unreadable(from, `there is no rail ${name.slice(0, 40)}`);
    if (typeof table !== 'object' || table === null) throw unreadable(from, `${name} is no table`);
    const strange = Object.keys(table).find((field) => !FIELDS.includes(field));
    if (strange !== undefined) throw unreadable(from, `${name} has no field ${strange.slice(0, 40)}`);
  }
  return Object.fromEntries(tables) as Record<string, Record<string, unknown>>;
}

/** Null where there is none. */
function readPrivate(file: string): string | null {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new UnavailableError(
        'rail_secrets_exposed',
        `the secrets in ${file} may be read by others than their owner`,
        {
          hint: `chmod 600 ${file}, and change them at the providers if somebody may have read them`,
        },
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UnavailableError('rail_secrets_unreadable', `the secrets in ${file} cannot be read`, {
      hint: 'run this as the user that they belong to',
      cause: error,
    });
  }
}

/** A certificate is no secret: it stands there, or in a file beside. */
function readPublic({ text, file }: RailSecretSource, given: string): string {
  if (given.includes('-----BEGIN')) return given;
  const path = text === null ? resolve(dirname(file), given) : resolve(given);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UnavailableError('rail_secrets_unreadable', `the certificate ${path} cannot be read`, {
      hint: 'webhook_certificate is a file beside the secrets, or the certificate itself',
      cause: error,
    });
  }
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

function unreadable(from: string, why: string): UnavailableError {
  return new UnavailableError('rail_secrets_unreadable', `${from}: ${why}`, { hint: HINT });
}
