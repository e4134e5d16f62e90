import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, maskUrl, type ConfigSources } from '../../src/config.ts';
import { RevshareError } from '../../src/domain/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'revshare-config-'));
let cwd: string;
let user: string;
let count = 0;

beforeEach(() => {
  cwd = join(root, String((count += 1)));
  mkdirSync(cwd);
  user = join(cwd, 'user.toml');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({ flags: {}, cwd, ...sources, env: { REVSHARE_CONFIG: user, ...sources.env } });
const project = (text: string) => writeFileSync(join(cwd, 'revshare.toml'), text);
const own = (text: string) => writeFileSync(user, text);
const entry = (config: ReturnType<typeof load>, key: string) => config.entries.find((one) => one.key === key)!;
const failure = (work: () => unknown): RevshareError => {
  try {
    work();
  } catch (error) {
    if (error instanceof RevshareError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('precedence', () => {
  test('flag, then environment, then project file, then user file, then default', () => {
    own('programme = "from_user"');
    expect(load().programme).toBe('from_user');
    project('programme = "from_project"');
    expect(load().programme).toBe('from_project');
    const env = { REVSHARE_PROGRAMME: 'from_env' };
    expect(load({ env }).programme).toBe('from_env');
    const config = load({ env, flags: { programme: 'from_flag' } });
    expect(config.programme).toBe('from_flag');
    expect(entry(config, 'programme').origin).toEqual({ source: 'flag', name: '--programme' });
  });

  test('defaults need no file and no variable', () => {
    const config = load();
    expect(config).toMatchObject({ programme: 'main', output: null, color: 'auto' });
    expect(config.where).toMatchObject({ databaseUrl: null, ownerUrl: null, actor: null });
    expect(entry(config, 'home').origin).toEqual({ source: 'default', name: null });
  });

  test('an empty variable is an unset one', () => {
    expect(load({ env: { REVSHARE_PROGRAMME: '', DATABASE_URL: '' } }).where.databaseUrl).toBeNull();
  });

  test('the origin names the file', () => {
    project('actor = "ada"');
    expect(entry(load(), 'actor')).toMatchObject({
      value: 'ada',
      origin: { source: 'project file', name: join(cwd, 'revshare.toml') },
    });
  });

  test('a home in a file is relative to that file, a home in a flag to where one stands', () => {
    own('home = "books"');
    expect(load().where.home).toBe(join(cwd, 'books'));
    expect(load({ flags: { home: '../elsewhere' } }).where.home).toBe(join(root, 'elsewhere'));
  });
});

describe('mistakes', () => {
  test('all of them are listed together, each with its place', () => {
    own('colour = "never"\noutput = "xml"\n');
    project('programme = 7\n');
    const error = failure(() => load({ env: { DATABASE_URL: 'mysql://root:hunter2@x/y' } }));
    expect(error.code).toBe('config_invalid');
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain(`${user}: there is no key 'colour', did you mean 'color'?`);
    expect(error.message).toContain(`${user}: output 'xml' is none of table`);
    expect(error.message).toContain('programme must be a text in quotes');
    expect(error.message).toContain('DATABASE_URL is not a URL like');
    expect(error.message).not.toContain('hunter2');
  });

  test('a file that is no TOML is named with line and column, and never quoted', () => {
    own('actor = "ada"\nowner_url = "postgres://o:hunter2@h/d\n');
    const error = failure(() => load());
    expect(error.message).toContain(`${user}: line 2`);
    expect(error.message).not.toContain('hunter2');
  });

  test('a wrong flag alone is a usage error', () => {
    const error = failure(() => load({ flags: { color: 'sometimes' } }));
    expect([error.code, error.exitCode]).toEqual(['flag_invalid', 2]);
  });

  test('a file that cannot be read is named', () => {
    mkdirSync(user);
    expect(failure(() => load()).message).toContain(`${user}: cannot be read (EISDIR)`);
  });
});

describe('monitors of jobs', () => {
  test('a log is a file or a stream; a monitor is a web address, of which only the host is shown', () => {
    own('log_file = "jobs.log"\nping_url = "https://hc.example/5f1e-secret"\n');
    const config = load();
    expect(config.watchers).toEqual({
      ...{ logFile: join(cwd, 'jobs.log'), metricsFile: null },
      pingUrl: 'https://hc.example/5f1e-secret',
    });
    expect(entry(config, 'ping_url').value).toBe('https://hc.example/***');
    expect(load({ env: { REVSHARE_LOG_FILE: '-' } }).watchers.logFile).toBe('-');
    const error = failure(() => load({ env: { REVSHARE_PING_URL: 'hc.example/5f1e-secret' } }));
    expect(error.message).toBe('REVSHARE_PING_URL is not a URL that begins with https://');
  });
});

describe('mail', () => {
  test('shows a mail server without who logs in there, and takes one address as the sender', () => {
    const config = load({ env: { REVSHARE_SMTP_URL: 'smtps://ada:hunter2@mail.example:465?x=hunter2' } });
    expect(entry(config, 'smtp_url').value).toBe('smtps://***@mail.example:465');
    const torn = failure(() => load({ env: { REVSHARE_SMTP_URL: 'smtp://ada:100%@mail.example' } }));
    expect(torn.message).toContain('REVSHARE_SMTP_URL is not a URL');
    const error = failure(() =>
      load({
        env: {
          REVSHARE_SMTP_URL: 'https://ada:hunter2@mail.example',
          REVSHARE_MAIL_FROM: 'a@b.example\r\nBcc: c@d.example',
        },
      }),
    );
    expect(error.message).toContain('REVSHARE_SMTP_URL is not a URL that begins with smtp:// or smtps://');
    expect(error.message).toContain('is no e-mail address');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('secrets', () => {
  test('are masked where they are listed and whole where they are used', () => {
    const config = load({ env: { DATABASE_URL: 'postgres://ada:hunter2@db:5432/books?sslpassword=pst' } });
    expect(config.where.databaseUrl).toContain('hunter2');
    expect(JSON.stringify(config.entries)).not.toMatch(/hunter2|pst/);
    expect(entry(config, 'database_url').value).toBe('postgres://ada:***@db:5432/books?sslpassword=***');
    expect(entry(config, 'actor')).toMatchObject({ value: 'ada', origin: { source: 'env', name: 'DATABASE_URL' } });
  });

  test('what cannot be taken apart is not shown at all', () => {
    expect(maskUrl('postgres://ada:hunter2@')).toBe('***');
    expect(maskUrl(null)).toBeNull();
  });
});
