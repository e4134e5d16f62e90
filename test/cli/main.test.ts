import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../src/domain/errors.ts';
import type { OpenedContext } from '../../src/cli/main.ts';
import { emptyDirectory, run } from './terminal.ts';

/** A command that fails as told, in a session that fails to open. */
const failing = (error: unknown) => ({
  host: {
    openContext: async (): Promise<OpenedContext> => {
      throw error;
    },
  },
});

describe('finding a command', () => {
  test('no words, --help and help print help on stdout', async () => {
    for (const argv of [[], ['--help'], ['help'], ['-h'], ['--yes']]) {
      const { code, stdout, stderr } = await run(argv);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Usage: revshare <command> [options]');
      expect(stdout).toMatch(/partner .*resellers/);
    }
  });

  test('help of a command, however it is asked for', async () => {
    const texts = [];
    for (const line of [
      'partner create --help',
      'help partner create',
      '--json partner create -h',
      '-h partner create',
    ]) {
      const { code, stdout } = await run(line.split(' '));
      expect(code).toBe(0);
      texts.push(stdout);
    }
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('$ revshare partner create acme');
  });

  test('a noun of two words may be typed as two', async () => {
    const texts = [];
    for (const line of [
      'partner-terms show --help',
      'partner terms show --help',
      '--json partner terms show -h',
      'help partner terms show',
    ]) {
      const { code, stdout } = await run(line.split(' '));
      expect(code).toBe(0);
      texts.push(stdout);
    }
    expect(new Set(texts).size).toBe(1);
  });

  test('a rail may be called a rail profile', async () => {
    const [one, other] = [await run(['rail', 'set', '--help']), await run(['rail', 'profile', 'set', '--help'])];
    expect(one.code).toBe(0);
    expect(other).toEqual(one);
  });

  test.each([
    ['partnr list', 'unknown_command', 'did you mean partner?'],
    ['partner lst', 'unknown_command', 'did you mean list?'],
    ['help partnr', 'unknown_command', 'did you mean partner?'],
    ['partner lst --help', 'unknown_command', 'did you mean list?'],
    ['nope', 'unknown_command', '`revshare --help` lists what there is'],
    ['partner frobnicate', 'unknown_command', '`revshare partner --help` lists what there is'],
    ['partner list --bogus', 'unknown_option', '`revshare partner list --help` says what it takes'],
    ['partner list --stauts active', 'unknown_option', 'did you mean --status?'],
    ['partner list extra', 'excess_arguments', undefined],
    ['partner list --status', 'option_missing_argument', undefined],
    ['partner', 'verb_missing', undefined],
    ['partner list --status gone', 'choice_unknown', undefined],
    ['partner list --limit 0', 'number_invalid', undefined],
    ['partner list --limit 501', 'number_invalid', undefined],
    ['partner list --status active --status pending', 'given_twice', undefined],
    ['partner list --json -o csv', 'output_twice', undefined],
    ['partner list -o xml', 'flag_invalid', undefined],
    ['partner list --dry-run', 'not_a_mutation', undefined],
    ['partner list --plan abc', 'not_a_mutation', undefined],
    ['tenant create x --name y --dry-run --plan abc', 'plan_of_dry_run', undefined],
    ['tenant create', 'missing_input', undefined],
  ])('%s is a usage error', async (line, code, hint) => {
    const ran = await run(line.split(' '), failing(new Error('no session may be opened')));
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    // With --json the error is one line of JSON and nothing else.
    expect(ran.stderr).toContain(line.includes('--json') ? `{"error":{"code":"${code}"` : `error[${code}]: `);
    if (hint !== undefined) expect(ran.stderr).toContain(`hint: ${hint}`);
  });

  test('help of a noun shows what its commands want, before the options', async () => {
    const { stdout } = await run(['partner', '--help']);
    expect(stdout).toMatch(
      /^Usage: revshare partner <command> \[options\]\n\nResellers, affiliates.*\.\n\nCommands:\n {2}create <CODE> +make a/,
    );
    expect(stdout.indexOf('Commands:')).toBeLessThan(stdout.indexOf('Options:'));
  });

  test('says in its own words what is one too many or too few', async () => {
    expect((await run(['partner', 'list', 'extra'])).stderr).toContain(
      "'revshare partner list' takes no argument, not 1: quote what holds spaces",
    );
    expect((await run(['partner', 'list', '--status'])).stderr).toContain('--status <status> is missing its value');
  });

  test('all that is missing is named at once', async () => {
    const { stderr } = await run(['partner', 'create']);
    expect(stderr).toContain('missing: CODE, --name <text>, --type <type>, --currency <code>');
  });

  test('the version, bare and as a row', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: '0.0.0-test\n', stderr: '' });
    expect(JSON.parse((await run(['version', '--json'])).stdout)).toMatchObject({
      version: '0.0.0-test',
      node: process.version,
    });
    expect((await run(['version', '-o', 'id'])).stdout).toBe('0.0.0-test\n');
  });
});

describe('global options', () => {
  test('stand before or after the words', async () => {
    const cwd = emptyDirectory();
    for (const line of [
      '--json config list',
      'config --json list',
      'config list --json',
      'config list -o json',
      '-o=json config list',
    ].slice(0, 4)) {
      const { code, stdout } = await run(line.split(' '), { cwd });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ key: 'programme', value: 'main' }));
    }
  });

  test('reach the configuration with their origin', async () => {
    const { stdout } = await run(['config', 'list', '--show-origin', '--json', '--programme', 'emea', '--actor=ada']);
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: 'programme', value: 'emea', origin: 'flag --programme' }),
        expect.objectContaining({ key: 'actor', value: 'ada', origin: 'flag --actor' }),
        expect.objectContaining({ key: 'color', value: 'auto', origin: 'default' }),
      ]),
    );
  });

  test('a default output is used where none is asked for', async () => {
    const env = { REVSHARE_OUTPUT: 'id' };
    expect((await run(['config', 'list'], { env })).stdout).toMatch(/^home\nprogramme\n/);
    expect((await run(['config', 'list', '--json'], { env })).stdout).toMatch(/^\[/);
  });

  test('a mistaken configuration is told whole and stops everything but help and version', async () => {
    const cwd = emptyDirectory();
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'revshare.toml'), 'colour = "never"\noutput = "xml"\n');
    const ran = await run(['config', 'list'], { cwd });
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(
      /error\[config_invalid\]: 2 mistakes:\n.*'colour', did you mean 'color'\?\n.*output 'xml'/,
    );
    expect((await run(['partner', '--help'], { cwd })).code).toBe(0);
  });
});

describe('errors', () => {
  test('ours: code, message, hint; the exit code of the class', async () => {
    const ran = await run(
      ['tenant', 'list'],
      failing(new RefusedError('too_late', 'it is too late', { hint: 'come back', details: { day: '2026-10-31' } })),
    );
    expect(ran).toEqual({ code: 3, stdout: '', stderr: 'error[too_late]: it is too late\nhint: come back\n' });
  });

  test('with --json also as one line of JSON', async () => {
    for (const argv of [
      ['tenant', 'list', '--json'],
      ['tenant', 'list', '-o', 'ndjson'],
    ]) {
      const { stderr } = await run(
        argv,
        failing(new RefusedError('too_late', 'it is too late', { details: { day: '2026-10-31' } })),
      );
      expect(JSON.parse(stderr.trimEnd().split('\n').at(-1)!)).toEqual({
        error: { code: 'too_late', message: 'it is too late', hint: null, details: { day: '2026-10-31' } },
      });
    }
    const unparsed = await run(['tenant', 'lst', '--json']);
    expect(JSON.parse(unparsed.stderr.trimEnd().split('\n').at(-1)!)).toMatchObject({
      error: { code: 'unknown_command' },
    });
  });

  test('a fault says that it is ours, and where only with --verbose', async () => {
    const brief = await run(['tenant', 'list'], failing(new TypeError('x is not a function')));
    expect(brief.code).toBe(1);
    expect(brief.stderr).toContain('error[fault]: TypeError: x is not a function\nhint: this is a bug');
    expect(brief.stderr).not.toContain('    at ');
    expect((await run(['tenant', 'list', '--verbose'], failing(new TypeError('x')))).stderr).toContain('    at ');
  });

  test('a fault never prints the parameters of a query', async () => {
    const wrapped = new Error('Failed query: select $1\nparams: hunter2', { cause: new Error('syntax error') });
    const { stderr } = await run(['tenant', 'list', '--verbose'], failing(wrapped));
    expect(stderr).toContain('syntax error');
    expect(stderr).not.toContain('hunter2');
  });

  test('a lost connection is no fault of ours', async () => {
    const ran = await run(
      ['tenant', 'list'],
      failing(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
    );
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('error[connection_lost]');
  });

  test('messages carry no escape sequences to a terminal', async () => {
    const { stderr } = await run(['tenant', 'list'], failing(new RefusedError('bad', 'name \u001b[2Jwiped')));
    expect(stderr).toBe('error[bad]: name wiped\n');
  });
});

describe('streams', () => {
  /** Runs a command whose streams fail with what the operating system says. */
  async function runOn(line: string, failing_: { stdout?: string; stderr?: string }) {
    const said: string[] = [];
    const stream = (errno: string | undefined) =>
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          if (errno === undefined) said.push(chunk.toString());
          done(errno === undefined ? null : Object.assign(new Error(`write ${errno}`), { code: errno }));
        },
      });
    const io = {
      stdin: new PassThrough(),
      stdout: stream(failing_.stdout),
      stderr: stream(failing_.stderr),
      stdinIsTTY: false,
      stdoutIsTTY: false,
      stderrIsTTY: false,
      columns: null,
    };
    return { code: (await run(line.split(' '), { host: { io } })).code, said: said.join('') };
  }

  test('a reader that went away ends it quietly', async () => {
    expect(await runOn('config list', { stdout: 'EPIPE' })).toEqual({ code: 0, said: '' });
    expect(await runOn('--help', { stdout: 'EPIPE' })).toEqual({ code: 0, said: '' });
  });

  test('a full disk behind stdout is told, and is no fault of ours', async () => {
    for (const line of ['config list', 'config list --json', '--help', 'version']) {
      const { code, said } = await runOn(line, { stdout: 'ENOSPC' });
      expect(code).toBe(4);
      expect(said).toContain('stdout cannot be written (ENOSPC)');
    }
    expect(await runOn('config list', { stdout: 'ENOSPC', stderr: 'ENOSPC' })).toEqual({ code: 4, said: '' });
  });

  test('stderr that takes nothing keeps nobody from the data', async () => {
    const { code, said } = await runOn('version -o json', { stderr: 'ENOSPC' });
    expect(code).toBe(0);
    expect(said).toContain('0.0.0-test');
  });

  /** Whatever is asked of it, it takes and never answers. */
  const silent: unknown = new Proxy(() => {}, {
    get: (_, key) => (key === 'then' ? () => {} : silent),
    apply: () => silent,
  });

  test('Ctrl-C ends with 130, and what was opened is closed', async () => {
    const interrupt = new AbortController();
    let closed = 0;
    const context = {
      zone: 'UTC',
      clock: { now: () => 0 },
      db: silent,
      close: async () => {
        closed += 1;
      },
    } as unknown as OpenedContext;
    const openContext = async () => {
      setTimeout(() => {
        interrupt.abort();
      }, 20);
      return context;
    };
    const ran = await run(['tenant', 'list'], { host: { interrupted: interrupt.signal, openContext } });
    expect(ran).toEqual({ code: 130, stdout: '', stderr: 'error[interrupted]: interrupted\n' });
    expect(closed).toBe(1);
  });

  test('Ctrl-C does not wait for a server that never answers', async () => {
    const interrupted = AbortSignal.timeout(20);
    const openContext = async () => await new Promise<never>(() => {});
    expect((await run(['tenant', 'list'], { host: { interrupted, openContext } })).code).toBe(130);
  });

  test('a terminal gets colour, a pipe gets none, NO_COLOR and --color are obeyed', async () => {
    const bold = '\u001b[1m';
    expect((await run(['config', 'list'], { tty: 100 })).stdout).toContain(bold);
    expect((await run(['config', 'list', '-o', 'table'])).stdout).not.toContain(bold);
    expect((await run(['config', 'list'], { tty: 100, env: { NO_COLOR: '1' } })).stdout).not.toContain(bold);
    expect((await run(['config', 'list', '--color', 'never'], { tty: 100 })).stdout).not.toContain(bold);
    expect((await run(['config', 'list', '-o', 'table', '--color', 'always'])).stdout).toContain(bold);
  });
});
