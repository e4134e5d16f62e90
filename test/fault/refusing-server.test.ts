import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run, words, type Ran } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { doorkeeper, fatal, olderServer, type Doorkeeper } from '../support/doorkeeper.ts';

/** A server that will not have us ends a command with exit 4, what it was asked for, and who can do what about it. */
const COMMANDS = [
  'partner list',
  'doctor',
  'db status',
  'db check',
  'programme list',
  'init',
  'db bootstrap',
  'db migrate',
];
const open: Doorkeeper[] = [];
afterAll(() => {
  for (const one of open) one.close();
});

async function refusedBy(url: string, line = 'partner list'): Promise<Ran> {
  const ran = await run(words(line), { env: { DATABASE_URL: url } });
  expect(ran.code, ran.stderr).toBe(4);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toMatch(/^error\[[a-z_]+\]: .*\nhint: .*\n$/);
  expect(ran.stderr).not.toMatch(/hush|fault|\n +at /);
  return ran;
}

async function door(...[answer]: Parameters<typeof doorkeeper>): Promise<string> {
  const made = await doorkeeper(answer);
  open.push(made);
  return `127.0.0.1:${made.port}`;
}

const saying = async (...words_: Parameters<typeof fatal>) => await door((caller) => caller.end(fatal(...words_)));

describe('at the door', () => {
  it.each(COMMANDS)('a wrong password stops `%s`', async (line) => {
    const at = await saying('28P01', 'Passwort-Authentifizierung für Benutzer »alice« fehlgeschlagen', 'auth_failed');
    const { stderr } = await refusedBy(`postgres://alice:hush@${at}/books`, line);
    expect(stderr).toContain(
      `error[login_refused]: the server at ${at} does not know the login alice by this password`,
    );
    expect(stderr).toContain('check login and password in DATABASE_URL');
  });

  it('names the owner’s URL where that is the one', async () => {
    const at = await saying('28P01', 'no', 'auth_failed');
    const ran = await run(['db', 'migrate'], {
      env: {
        DATABASE_URL: 'postgres://alice@127.0.0.1:1/books',
        REVSHARE_OWNER_URL: `postgres://dba:hush@${at}/books`,
      },
    });
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining('password in REVSHARE_OWNER_URL') });
  });

  it('a pg_hba.conf that leaves us out: with TLS and without, the other is offered', async () => {
    const at = await saying('28000', 'no pg_hba.conf entry', 'ClientAuthentication');
    const plain = await refusedBy(`postgres://alice:hush@${at}/books`);
    expect(plain.stderr).toContain('?sslmode=require in DATABASE_URL');
  });

  it.each([
    ['57P03', 'the database system is starting up', 'ProcessStartupPacket', 'database_not_ready'],
    ['53300', 'sorry, too many clients already', 'InitProcess', 'too_many_connections'],
    ['55000', 'database "books" is not currently accepting connections', 'CheckMyDatabase', 'database_closed'],
    ['42704', 'unrecognized configuration parameter', 'find_option', 'database_url'],
  ])('%s is %s', async (code, message, routine, ours) => {
    const at = await saying(code, message, routine);
    expect((await refusedBy(`postgres://alice:hush@${at}/books`)).stderr).toContain(`error[${ours}]`);
  });

  it('nobody there, no such host, no such socket, and who is no Postgres', async () => {
    const http = await door((caller) => caller.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    for (const at of [
      '127.0.0.1:1/books',
      'nowhere.invalid/books',
      '/books?host=/nowhere',
      '%2Fnowhere/books',
      `${http}/books`,
    ])
      expect((await refusedBy(`postgres://alice:hush@${at}`)).stderr).toContain('error[database_unreachable]');
  });

  it('a server without TLS, when TLS was asked for', async () => {
    const at = await door((caller) => {
      caller.write('N');
      caller.once('data', () => caller.resetAndDestroy());
    });
    const { stderr } = await refusedBy(`postgres://alice:hush@${at}/books?sslmode=require`);
    expect(stderr).toContain('a server without TLS hangs up on sslmode=require');
  });

  it('a certificate that is not trusted, or of another name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'revshare-tls-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-new', '-x509', '-days', '2', '-nodes', '-subj', '/CN=other.example'],
        ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
    const at = await door((caller) => {
      caller.write('S');
      const secure = new TLSSocket(caller, { isServer: true, secureContext });
      secure.on('error', () => {});
      secure.once('data', () => secure.end(fatal('28000', 'no entry', 'ClientAuthentication')));
    });
    const url = `postgres://alice:hush@${at}/books?sslmode=`;
    try {
      const strange = await refusedBy(`${url}verify-full`);
      expect(strange.stderr).toContain('error[tls_failed]');
      expect(strange.stderr).toContain('sslrootcert=FILE');
      const otherName = await refusedBy(`${url}verify-full&sslrootcert=${cert}`);
      expect(otherName.stderr).toContain('sslmode=verify-ca');
      for (const trusted of [`${url}require`, `${url}prefer`, `${url}verify-ca&sslrootcert=${cert}`])
        expect((await refusedBy(trusted)).stderr).toContain('error[login_refused]');
      expect((await refusedBy(`${url}require`)).stderr).toContain('?sslmode=disable');
      writeFileSync(cert, 'no certificate');
      expect((await refusedBy(`${url}require&sslrootcert=${cert}`)).stderr).toContain('error[tls_failed]');
      rmSync(cert);
      expect((await refusedBy(`${url}require&sslrootcert=${cert}`)).stderr).toContain(
        `sslrootcert=${cert} cannot be read`,
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a real server', () => {
  let database: TestDatabase;
  let urlOf: (login: string, name?: string) => string;
  beforeAll(async () => {
    database = await testDatabase();
    urlOf = (login, name = database.name) =>
      database.environment()['DATABASE_URL']!.replace('tester', login).replace(database.name, name);
  });
  afterAll(async () => {
    await database.drop();
  });

  it('without such a database, or with one that is closed to us', async () => {
    expect((await refusedBy(urlOf('tester', 'no_such_books'))).stderr).toContain('has no database no_such_books');
    const { sql } = database.admin();
    const { name } = database;
    await sql.unsafe(`revoke connect on database ${name} from public`);
    try {
      expect((await refusedBy(urlOf('tester'))).stderr).toContain(`grant connect on database "${name}" to "tester"`);
    } finally {
      await sql.unsafe(`grant connect on database ${name} to public`);
    }
  });

  it('with a login that is missing, may not log in, or has no connection left', async () => {
    const { sql } = database.admin();
    const login = `door_${database.name}`;
    expect((await refusedBy(urlOf(login))).stderr).toContain('error[login_refused]');
    await sql.unsafe(`create role ${login} nologin password 'secret'`);
    try {
      expect((await refusedBy(urlOf(login))).stderr).toContain(`db bootstrap --operator ${login}`);
      await sql.unsafe(`alter role ${login} login connection limit 0`);
      expect((await refusedBy(urlOf(login))).stderr).toContain('error[too_many_connections]');
    } finally {
      await sql.unsafe(`drop role ${login}`);
    }
  });

  it.skipIf(inject('server').socket === null).each(COMMANDS)('that is too old stops `%s`', async (line) => {
    const older = await olderServer(inject('server').socket!, 140_012);
    open.push(older);
    const { stderr } = await refusedBy(`postgres://tester@127.0.0.1:${older.port}/${database.name}`, line);
    expect(stderr).toContain('the server is Postgres 14; revshare wants 15 to 18');
  });
});

describe('a URL that cannot be meant', () => {
  it.each([
    ['books', 'is not a URL like'],
    ['mysql://alice:hush@db/books', 'is not a URL like'],
    ['postgres://alice:hush@db:99999/books', 'is not a URL like'],
    ['postgres://alice:hush%@db/books', 'special characters'],
    ['postgres://alice:hush@db/books?schema=public', "option 'schema'"],
    ['postgres://alice:hush@db/books?sslmod=require', "did you mean 'sslmode'?"],
    ['postgres://alice:hush@db/books?sslmode=sometimes', 'sslmode=sometimes'],
  ])('%s', async (url, said) => {
    expect((await refusedBy(url)).stderr).toContain(said);
  });
});
