import { loginOfUrl, parseDatabaseUrl, socketOfUrl, wantsTls } from '../database-url.ts';
import { UnavailableError } from '../domain/errors.ts';
import { isConnectionFailure, postgresFailure, type PostgresFailure } from './failures.ts';

/** A URL, and the name under which a person finds and mends it. */
export interface Address {
  readonly url: string;
  readonly setting: 'DATABASE_URL' | 'REVSHARE_OWNER_URL';
}

/** What was asked for, as a message names it. */
interface Asked {
  readonly setting: Address['setting'];
  readonly where: string;
  readonly database: string;
  readonly login: string;
  readonly tls: boolean;
}

/** What a person is told: a stable code, what happened, who can do what about it. */
type Told = readonly [code: string, message: string, hint: string];

/** Errors of node's TLS, which have no class of their own: DEPTH_ZERO_SELF_SIGNED_CERT, ERR_TLS_…, EPROTO, … */
const TLS_CODE = /CERT|SSL|TLS|SIGNATURE|CRL|EPROTO|PEM|X509/;

/**
 * Why a server of one's own would not have us: what it was asked for, what it said, and who can do what about it. Null
 * for an error that is not about connecting.
 */
export function refusedConnection({ url, setting }: Address, error: unknown): UnavailableError | null {
  const parsed = parseDatabaseUrl(url);
  const login = loginOfUrl(url) ?? 'this user';
  const asked: Asked = {
    setting,
    where: socketOfUrl(parsed)?.path ?? parsed.host,
    database: decodeURIComponent(parsed.pathname.slice(1)) || login,
    login,
    tls: wantsTls(parsed),
  };
  const failure = postgresFailure(error);
  const told = (failure === null ? null : saidByServer(asked, failure)) ?? seenOnTheLine(asked, error);
  return told === null ? null : new UnavailableError(told[0], told[1], { hint: told[2], cause: error });
}

/** Read by SQLSTATE and the routine that raised it: the message may be in any language, and is only passed on. */
function saidByServer({ setting, where, database, login, tls }: Asked, failure: PostgresFailure): Told | null {
  const { code, message, routine } = failure;
  const missing = `an administrator makes a missing login: \`revshare db bootstrap --operator ${login}\``;
  switch (code) {
    case '28P01':
      return [
        'login_refused',
        `the server at ${where} does not know the login ${login} by this password`,
        `check login and password in ${setting}; ${missing}`,
      ];
    case '28000':
      if (routine === 'InitializeSessionUserId') {
        return [
          'login_refused',
          `the server at ${where} lets nobody in as ${login}: ${message}`,
          `check the login in ${setting}; ${missing}`,
        ];
      }
      return [
        'login_refused',
        `the server at ${where} does not let ${login} into ${database} from here: ${message}`,
        tls
          ? `an administrator allows it in pg_hba.conf; a server that wants no TLS takes ?sslmode=disable in ${setting}`
          : `a server that insists on TLS wants ?sslmode=require in ${setting}; otherwise an administrator allows it in pg_hba.conf`,
      ];
    case '3D000':
      return [
        'database_missing',
        `the server at ${where} has no database ${database}`,
        `check the name in ${setting}; an administrator makes a new one: createdb, then \`revshare db bootstrap\`, then \`revshare init\``,
      ];
    case '42501':
    case '55000':
      // Both are said of many things; on the way in only by this routine.
      if (routine !== 'CheckMyDatabase') return null;
      return [
        'database_closed',
        `the database ${database} at ${where} does not take ${login}: ${message}`,
        code === '42501'
          ? `an administrator grants it: grant connect on database "${database}" to "${login}"`
          : `check the name in ${setting}, or ask its administrator to open it`,
      ];
    case '53300':
      return [
        'too_many_connections',
        `the server at ${where} has no connection left for ${login}: ${message}`,
        'try again in a moment; if it stays so, an administrator raises the limit (max_connections, alter role … connection limit)',
      ];
    case '57P03':
      return [
        'database_not_ready',
        `the server at ${where} takes nobody just now: ${message}`,
        'try again in a moment',
      ];
    case '42704':
    case '22023':
      return [
        'database_url',
        `the server at ${where} does not understand an option: ${message}`,
        `correct it in ${setting}`,
      ];
    default:
      return null;
  }
}

/** What node met before a server said anything. */
function seenOnTheLine({ setting, where, database, tls }: Asked, error: unknown): Told | null {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && TLS_CODE.test(code)) {
    return [
      'tls_failed',
      `the server at ${where} and this client agree on no TLS: ${String(message).split('\n')[0]!}`,
      code === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? `use the name that is in its certificate in ${setting}, or check only who issued it (sslmode=verify-ca)`
        : `name its certificate authority (sslrootcert=FILE) in ${setting}, or give up checking it (sslmode=require)`,
    ];
  }
  if (!isConnectionFailure(error)) return null;
  const hungUp = tls && code !== 'ECONNREFUSED' ? '; a server without TLS hangs up on sslmode=require' : '';
  return [
    'database_unreachable',
    `cannot reach the database ${database} at ${where}${typeof code === 'string' ? ` (${code})` : ''}`,
    `check ${setting} and that the server runs${hungUp}; unset it to use the embedded one`,
  ];
}
