/** DATABASE_URL and REVSHARE_OWNER_URL: where they lead, who logs in, how the line is guarded. Opens no connection. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { UnavailableError } from './domain/errors.ts';
import { didYouMean } from './domain/near-names.ts';

const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
const TLS_FILES = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;
/** Read here, and no business of the server's. */
const OURS = ['sslmode', ...Object.keys(TLS_FILES), 'sslpassword', 'channel_binding', 'gssencmode'];
const KNOWN = [
  ...OURS,
  'host',
  'port',
  'user',
  'application_name',
  'connect_timeout',
  'target_session_attrs',
  'options',
];

/** Where a socket is, as postgres.js takes it. */
export interface SocketAddress {
  readonly path: string;
  readonly database: string;
  readonly user: string;
  readonly pass?: string;
}

/**
 * Reads a connection URL. Besides what URL knows, libpq's own spellings of a socket: `postgres://user@/name?host=/dir`
 * and `postgres://user@%2Fdir/name`. Throws TypeError for what is no URL.
 */
export function parseDatabaseUrl(text: string): URL {
  return new URL(text.replace(/^(postgres(?:ql)?:\/\/[^@/?#]*@)(?=[/?])/, '$1localhost'));
}

/** What is wrong with a connection URL, as the end of a sentence that begins with its name; null when nothing is. */
export function mistakeInDatabaseUrl(text: string): string | null {
  if (!/^postgres(ql)?:\/\/./.test(text)) return 'is not a URL like postgres://user@host:5432/database';
  let url: URL;
  try {
    url = parseDatabaseUrl(text);
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
  } catch {
    return 'is not a URL like postgres://user@host:5432/database: special characters of a password are written like %40';
  }
  for (const name of url.searchParams.keys()) {
    if (KNOWN.includes(name)) continue;
    const hint = didYouMean(name, KNOWN);
    return `has an option '${name}' that Postgres does not know${hint === undefined ? '' : `, ${hint}`}`;
  }
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !(TLS_MODES as readonly string[]).includes(mode)) {
    return `has sslmode=${mode}, which is none of ${TLS_MODES.join(', ')}`;
  }
  return null;
}

/** The login that a URL names; null where it names none. */
export function loginOfUrl(text: string): string | null {
  const url = parseDatabaseUrl(text);
  return decodeURIComponent(url.username) || url.searchParams.get('user');
}

/** postgres.js takes neither spelling of a socket in a URL: the one it sends to the server, the other to DNS. */
export function socketOfUrl(url: URL): SocketAddress | null {
  const directory = url.hostname.startsWith('%2F')
    ? decodeURIComponent(url.hostname)
    : (url.searchParams.get('host') ?? '');
  if (!directory.startsWith('/')) {
    return null;
  }
  const user = decodeURIComponent(url.username) || (url.searchParams.get('user') ?? '') || userInfo().username;
  const port = url.port || url.searchParams.get('port') || '5432';
  return {
    path: `${directory}/.s.PGSQL.${port}`,
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    user,
    ...(url.password === '' ? {} : { pass: decodeURIComponent(url.password) }),
  };
}

/** The URL without what the server must not be told: postgres.js would send it every option it does not know. */
export function urlForServer(url: URL): string {
  const plain = new URL(url);
  for (const name of OURS) plain.searchParams.delete(name);
  return plain.toString();
}

/** Whether a URL asks for TLS: the server's refusals are read differently then. */
export function wantsTls(url: URL): boolean {
  return !['disable', 'allow', 'prefer', null].includes(url.searchParams.get('sslmode'));
}

/**
 * How the line is guarded, with libpq's meanings: `prefer` takes what it gets, `require` encrypts and believes anybody
 * (with a root certificate: checks it), `verify-ca` checks the certificate, `verify-full` its name too. Reads the files
 * that the URL names.
 * @throws UnavailableError `tls_file`
 */
export function tlsOfUrl(url: URL): ConnectionOptions | 'prefer' | false {
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  if (mode === 'disable') return false;
  if (mode === 'allow' || mode === 'prefer') return 'prefer';
  const files: ConnectionOptions = {};
  for (const [option, part] of Object.entries(TLS_FILES)) {
    const path = url.searchParams.get(option);
    if (path !== null && path !== 'system') files[part] = readPem(option, path);
  }
  const passphrase = url.searchParams.get('sslpassword');
  if (passphrase !== null) files.passphrase = passphrase;
  if (mode === 'require' && files.ca === undefined) return { ...files, rejectUnauthorized: false };
  // An address is checked as well as a name; without `host` node would look for `localhost` in the certificate.
  return mode === 'verify-full' ? { ...files, host: url.hostname } : { ...files, checkServerIdentity: () => undefined };
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UnavailableError('tls_file', `${option}=${path} cannot be read (${errno})`, {
      hint: `name a PEM file that this user may read in the URL's ${option}`,
      cause: error,
    });
  }
}
