import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Asker, Choice } from '../../src/cli/asker.ts';
import type { Database } from '../../src/db/connection.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn, payoutOffences, setSetting, type Earning } from '../support/earnings.ts';
import { statementOf, type TakenPayment } from '../support/fake-bank.ts';
import { emptyDirectory, shell, type Ran } from './terminal.ts';

/** Payouts as people type them: tester makes, checker approves. A programme of its own for each test. */
let database: TestDatabase;
let db: Database;
let books: Books;
let cwd: string;
let type: ReturnType<typeof shell>;
beforeEach(async () => {
  database = await testDatabase();
  db = await database.as('tester');
  books = await openBooks(db);
  cwd = emptyDirectory();
  type = shell(database, { cwd, env: await database.environmentOf('checker') });
});
afterEach(async () => {
  expect(await payoutOffences(database.admin())).toEqual([]);
  await database.drop();
  rmSync(cwd, { recursive: true, force: true });
});

async function typed(line: string): Promise<Ran> {
  const ran = await type(line);
  expect(ran.code, `${line}\n${ran.stderr}`).toBe(0);
  return ran;
}
const json = async <T>(line: string): Promise<T> => JSON.parse((await typed(`${line} --json`)).stdout) as T;

interface Generated {
  readonly run: number;
  readonly payouts: readonly { readonly number: string; readonly partner: string; readonly gross: string }[];
  readonly left_out: readonly { readonly instance: string; readonly reason: string; readonly amount: string }[];
  readonly totals: readonly { readonly currency: string; readonly gross: string }[];
}
const paid = ({ payouts }: Generated) => payouts.map(({ partner, gross }) => `${partner} ${gross}`);
const left = ({ left_out }: Generated) => left_out.map((one) => `${one.instance} ${one.reason} ${one.amount}`);
const earned = async (...rows: Earning[]) => await earn(db, books, rows);

/** Drafted and approved; the numbers by partner. */
async function approved(): Promise<{ run: number; numbers: Record<string, string> }> {
  const made = await json<Generated>('payout generate');
  await typed(`payout approve ${made.run} --confirm ${made.run} --actor checker`);
  return { run: made.run, numbers: Object.fromEntries(made.payouts.map(({ partner, number }) => [partner, number])) };
}

describe('netting (SEMANTICS §7, golden)', () => {
  beforeEach(async () => await setSetting(db, 'minimum_payout', { currency: 'EUR', minor: 5000 }));

  test('one instance carries its negative until it is earned back', async () => {
    await earned({ instance: 'acme-uk', amount: 8000 }, { instance: 'acme-uk', amount: -10_000 });
    const first = await json<Generated>('payout generate');
    expect([paid(first), left(first)]).toEqual([[], ['acme-uk negative_balance -20.00']]);
    await earned({ instance: 'acme-uk', amount: 7500, on: '2026-10-20' });
    expect(paid(await json<Generated>('payout generate'))).toEqual(['acme 55.00']);
  });

  test('two instances: a negative eats no sibling’s money', async () => {
    await earned(
      { instance: 'acme-uk', amount: 8000 },
      { instance: 'acme-uk', amount: -10_000 },
      { instance: 'acme-ie', amount: 6000 },
    );
    const made = await json<Generated>('payout generate --partner acme');
    expect([paid(made), left(made)]).toEqual([['acme 60.00'], ['acme-uk negative_balance -20.00']]);
    const shown = await json<{ wallets: unknown[] }>(`payout show ${made.payouts[0]!.number} --detail`);
    expect(shown.wallets).toMatchObject([{ instance: 'acme-ie', gross: '60.00', sent: '60.00' }]);
  });

  test('two instances reach the minimum together', async () => {
    await earned(
      { instance: 'acme-uk', amount: 3000 },
      { instance: 'acme-ie', amount: 3000 },
      { instance: 'zenith-de', amount: 4999 },
    );
    const made = await json<Generated>('payout generate');
    expect([paid(made), left(made)]).toEqual([['acme 60.00'], ['zenith-de below_minimum 49.99']]);
    const why = await json<{ seen: string; reason: string; amount: string }[]>('payout why-not zenith');
    expect(why.map(({ seen, reason, amount }) => `${seen} ${reason} ${amount}`)).toEqual([
      'now below_minimum 49.99',
      `run ${made.run} below_minimum 49.99`,
    ]);
  });
});

describe('hold and cut-off (SEMANTICS §5, golden)', () => {
  test('of 1 October 23:30 with a hold of 30 days, the cut-off of 31 October pays and that of the 30th does not', async () => {
    await typed(
      'revenue record --instance acme-uk --kind payment --net 100.00 --currency EUR --occurred-at 2026-10-01T23:30:00Z --id late',
    );
    await typed('job run accrue-commissions --for 2026-10-01');
    const early = await json<Generated>('payout generate --cutoff 2026-10-30');
    expect([paid(early), left(early)]).toEqual([[], ['acme-uk not_yet_payable 10.00']]);
    expect(paid(await json<Generated>('payout generate --cutoff 2026-10-31'))).toEqual(['acme 10.00']);
  });
});

describe('plans', () => {
  test('each step does what its dry run said, and nothing else', async () => {
    await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'zenith-de', amount: 2500 });
    const planOf = async (line: string) => (await json<{ plan: string }>(`${line} --dry-run`)).plan;
    const dry = await json<{ result: Generated }>('payout generate --dry-run');
    expect([paid(dry.result), dry.result.run]).toEqual([['acme 60.00', 'zenith 25.00'], null]);
    const { run, payouts } = await json<Generated>(`payout generate --plan ${await planOf('payout generate')}`);

    const early = await type(`payout submit ${run} --out register.csv --confirm ${run}`);
    expect(early.stderr).toContain(`hint: a second person approves it first: revshare payout approve ${run}\n`);

    const approve = `payout approve ${run} --actor checker`;
    const plan = await planOf(approve);
    expect((await type(`${approve} --confirm ${run} --plan 0123456789ab`)).stderr).toContain('error[plan_changed]');
    await typed(`${approve} --confirm ${run} --plan ${plan}`);

    const submit = `payout submit ${run} --out register.csv`;
    const submitPlan = await planOf(submit);
    expect(readdirSync(cwd)).toEqual([]);
    await typed(`${submit} --confirm ${run} --plan ${submitPlan}`);

    const one = payouts[0]!.number;
    const complete = `payout complete ${one}`;
    const completePlan = await planOf(complete);
    await typed(`${complete} --confirm ${one} --plan ${completePlan}`);
    expect((await json<{ status: string }>(`payout show ${one}`)).status).toBe('completed');
  });
});

describe('the register', () => {
  test('is the same bytes again, after a payment, a failure and a new name', async () => {
    await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'zenith-de', amount: 2500 });
    const { run, numbers } = await approved();
    await typed(`payout submit ${run} --out register.csv --confirm ${run}`);
    const written = readFileSync(join(cwd, 'register.csv'));
    await typed(`payout complete ${numbers['acme']} --confirm ${numbers['acme']}`);
    await typed(`payout fail ${numbers['zenith']} --reason "account closed"`);
    await typed('partner update acme --name "Acme Renamed"');
    const again = await typed(`payout register ${run} --out again.csv`);
    expect(readFileSync(join(cwd, 'again.csv')).equals(written)).toBe(true);
    expect(again.stderr).toContain(`do not pay again: ${numbers['acme']} is completed, ${numbers['zenith']} is failed`);
    expect((await typed(`payout register ${run} --out register.csv`)).stderr).toContain(
      'register.csv is this register already, byte by byte',
    );
    expect((await typed(`payout register ${numbers['zenith']} --out -`)).stdout).toBe(written.toString('utf8'));
  });

  test('belongs to a submission: a run sent in pieces has several', async () => {
    await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'zenith-de', amount: 2500 });
    const { run, numbers } = await approved();
    expect((await type(`payout register ${run} --out -`)).stderr).toContain('error[not_submitted]');
    await typed(`payout submit ${numbers['zenith']} --out first.csv --confirm ${numbers['zenith']}`);
    await typed(`payout submit ${run} --out second.csv --confirm ${run}`);
    const several = await type(`payout register ${run} --out -`);
    expect([several.code, several.stderr]).toEqual([3, expect.stringContaining('error[several_registers]')]);
    expect((await typed(`payout register ${numbers['acme']} --out -`)).stdout).toBe(
      readFileSync(join(cwd, 'second.csv'), 'utf8'),
    );
  });

  test('is not written, and nothing is submitted, where it cannot be; what can no longer be paid is cancelled by name', async () => {
    await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'zenith-de', amount: 2500 });
    const { run, numbers } = await approved();
    expect((await type(`payout submit ${run} --out /dev/full --confirm ${run}`)).stderr).toContain(
      'error[file_not_ordinary]',
    );
    expect((await json<unknown[]>('payout list --status ready')).length).toBe(2);
    await typed('partner freeze zenith --reason "address unconfirmed"');
    const dry = await type(`payout submit ${run} --out register.csv --dry-run`);
    expect([dry.code, dry.stderr]).toEqual([
      6,
      expect.stringContaining('1 of 2 payouts can no longer be paid and would'),
    ]);
    const sent = await type(`payout submit ${run} --out register.csv --confirm ${run}`);
    expect(sent.code).toBe(6);
    expect(sent.stderr).toContain(`${numbers['zenith']} of zenith: partner_suspended`);
    expect(readFileSync(join(cwd, 'register.csv'), 'utf8')).not.toContain('zenith');
  });

  test('writes no file when nothing is left to pay', async () => {
    await earned({ instance: 'zenith-de', amount: 2500 });
    const { run } = await approved();
    await typed('partner freeze zenith --reason "address unconfirmed"');
    expect((await type(`payout submit ${run} --out register.csv --confirm ${run}`)).code).toBe(6);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test('a register is a CSV, and so is its name', async () => {
  const ran = await type('payout submit 1 --out register.xlsx --confirm 1');
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain('hint: give --out register.csv; spreadsheets open it');
});

describe('hostile names', () => {
  const NAMES = [
    `=cmd|'/C calc'!A1`,
    '@SUM(1+1)',
    '＝HYPERLINK("x")',
    '\u001b[2J\u001b]0;owned\u0007Clear',
    '\u202egnp.exe',
    '../../etc/passwd',
    'two\nlines,"and quotes"\r\nTOTAL,,9 payouts,EUR,,,,999.00',
  ];

  test('are harmless in the register, on the terminal and in file names', async () => {
    for (const [n, name] of NAMES.entries()) {
      const made = await type([
        'partner',
        'create',
        `h${n}`,
        '--name',
        name,
        '--type',
        'affiliate',
        '--currency',
        'EUR',
      ]);
      expect(made.code, made.stderr).toBe(0);
      await typed(`instance create hi${n} --tenant globex --partner h${n} --name "Shop ${n}"`);
    }
    const rows = await db.sql<{ code: string; id: number }[]>`select code, id::int from instances`;
    books = { ...books, instance: Object.fromEntries(rows.map(({ code, id }) => [code, id])) };
    await earned(...NAMES.map((_, n) => ({ instance: `hi${n}`, amount: 1000 })));

    const { run } = await approved();
    const seen = [
      await type(`payout show ${run} --detail`, { tty: 200, env: { NO_COLOR: '1' } }),
      await type(`payout submit ${run} --out register.csv --confirm ${run}`, { tty: 200, env: { NO_COLOR: '1' } }),
      await type('payout list -o csv'),
      await type('payout list -o tsv'),
      await type('payout list --json'),
    ];
    for (const { code, stdout, stderr } of seen) {
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }
    expect(readdirSync(cwd)).toEqual(['register.csv', 'register.csv.control.json']);
    const register = readFileSync(join(cwd, 'register.csv'), 'utf8');
    const lines = register.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + NAMES.length);
    // Every row is a payment: whoever sums the column gets what the control file says.
    expect(lines.filter((line) => line.startsWith('TOTAL'))).toEqual([]);
    expect(lines.slice(1).reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0)).toBe(70);
    expect(JSON.parse(readFileSync(join(cwd, 'register.csv.control.json'), 'utf8'))).toEqual({
      control: 'revshare-register/1',
      programme: 'main',
      file: {
        name: 'register.csv',
        bytes: Buffer.byteLength(register),
        sha256: createHash('sha256').update(register).digest('hex'),
      },
      payouts: 7,
      totals: [{ currency: 'EUR', payouts: 7, amount_to_pay: '70.00' }],
    });
    expect(register).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    for (const name of lines.slice(1).map((line) => line.split(',')[2]!)) expect(name).not.toMatch(/^"?[=+\-@＝]/);
  });
});

/** Answers in order, and remembers what was asked. */
function answers(...given: (string | boolean)[]): Asker & { asked: string[] } {
  const asked: string[] = [];
  const next = (message: string) => {
    asked.push(message);
    return given.shift();
  };
  return {
    asked,
    text: async ({ message }) => next(message) as string,
    select: async ({ message, choices }) =>
      next(`${message} ${choices.map((choice: Choice) => choice.name ?? choice.value).join(' | ')}`) as string,
    confirm: async (message) => next(message) as boolean,
  };
}

test('on a terminal what is missing is chosen, and what cannot be taken back is typed again', async () => {
  await earned({ instance: 'acme-uk', amount: 6000 });
  const { run, payouts } = await json<Generated>('payout generate');
  const number = payouts[0]!.number;
  const wrong = await type('payout approve --actor checker', { asker: answers(String(run), '77') });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('nothing was done')]);
  const approve = answers(String(run), String(run));
  expect((await type('payout approve --actor checker', { asker: approve })).code).toBe(0);
  expect(approve.asked).toEqual([
    `Run to approve: ${run}  cut-off 2026-11-21, 1 payout, 60.00 EUR, made by tester`,
    expect.stringMatching(new RegExp(`^Approve run ${run}: 1 payout, 60.00 EUR, made by tester, content [0-9a-f]{12}`)),
  ]);
  const submit = answers(String(run), 'register.csv', String(run));
  expect((await type('payout submit', { asker: submit })).code).toBe(0);
  expect(existsSync(join(cwd, 'register.csv'))).toBe(true);
  const no = await type(`payout fail ${number} --reason "account closed"`, { asker: answers(false) });
  expect([no.code, no.stderr]).toEqual([130, expect.stringContaining('nothing was done')]);
  const complete = answers(number, number);
  expect((await type('payout complete', { asker: complete })).code).toBe(0);
  expect(complete.asked).toEqual([
    `Payout: ${number}  acme 60.00 EUR, processing`,
    `Complete 1 payout, 60.00 EUR. Type ${number}:`,
  ]);
});

test('a second checker is told who was the first, who is refused before typing anything', async () => {
  await earned({ instance: 'acme-uk', amount: 6000 });
  await typed('approval limit EUR 50 --payouts --reason "as agreed"');
  await typed('approval approve 1 --yes --actor checker');
  const { run } = await json<Generated>('payout generate');
  await typed(`payout approve ${run} --confirm ${run} --actor checker`);
  const again = await type('payout approve --actor checker', { asker: answers(String(run)) });
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('error[four_eyes]')]);
  await database.context({ actor: 'second' });
  const second = answers(String(run), String(run));
  expect((await type('payout approve --actor second', { asker: second })).code).toBe(0);
  expect(second.asked).toEqual([
    `Run to approve: ${run}  cut-off 2026-11-21, 1 payout, 60.00 EUR, made by tester, approved by checker`,
    expect.stringMatching(/, content [0-9a-f]{12}, 1 of 2 checkers \(60.00 EUR > 50.00\)\. Type/),
  ]);
});

test('what a bank proves is done as its dry run said, and on a terminal after a yes', async () => {
  await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'zenith-de', amount: 2500 });
  const { run, numbers } = await approved();
  await typed(`payout submit ${run} --out register.csv --confirm ${run}`);
  const told = (...payments: TakenPayment[]) => statementOf({ message: 'X', payments }, { date: '2026-11-21' });
  const acme = { id: numbers['acme']!, amount: '60.00', name: 'Acme' };
  const zenith = { id: numbers['zenith']!, amount: '25.00', name: 'Zenith' };
  writeFileSync(join(cwd, 'one.xml'), told(acme));
  writeFileSync(join(cwd, 'both.xml'), told(acme, zenith));

  const no = answers(false);
  expect((await type('payout reconcile one.xml', { asker: no })).code).toBe(130);
  expect(no.asked).toEqual(['By one.xml, payouts become: 1 completed. Do it?']);
  const yes = answers('both.xml', true);
  const dry = JSON.parse((await type('payout reconcile both.xml --dry-run --json')).stdout) as { plan: string };
  await typed(`payout complete ${acme.id} --confirm ${acme.id}`);
  expect((await type(`payout reconcile both.xml --plan ${dry.plan}`)).stderr).toContain('error[plan_changed]');
  expect((await type('payout reconcile', { asker: yes })).code).toBe(0);
  expect(yes.asked).toEqual(['File:', 'By both.xml, payouts become: 1 completed. Do it?']);
  // Nothing is asked where nothing moves.
  expect((await type('payout reconcile both.xml', { asker: answers() })).stderr).toContain('nothing in it is new');
});

test('the job drafts on its date and never approves; run again it drafts nothing new', async () => {
  await earned({ instance: 'acme-uk', amount: 6000 });
  expect(await json('job run run-payouts --for 2026-11-01')).toMatchObject({
    payouts: 1,
    gross: [{ currency: 'EUR', amount: '60.00' }],
  });
  expect(await json('payout runs')).toMatchObject([{ statuses: ['pending 1'], approved_by: null, made_by: 'tester' }]);
  expect(await json('job run run-payouts --for 2026-11-01')).toMatchObject({ run: null, payouts: 0 });
});

test('a checker sees new payees, amounts beyond the band and who is missing', async () => {
  await earned({ instance: 'acme-uk', amount: 10_000 }, { instance: 'zenith-de', amount: 2500 });
  const first = await approved();
  await earned({ instance: 'acme-uk', amount: 15_001 }, { instance: 'acme-uk', amount: 700, currency: 'USD' });
  const { run } = await json<Generated>('payout generate');
  const changes = async (more: string) =>
    (
      await json<{ changes: { partner: string; currency: string; finding: string; change: string | null }[] }>(
        `payout show ${run} --detail${more}`,
      )
    ).changes.map(({ partner, currency, finding, change }) =>
      `${partner} ${currency} ${finding} ${change ?? ''}`.trim(),
    );
  expect(await changes('')).toEqual(['acme EUR above_band 50.01%', 'acme USD new_payee', 'zenith EUR not_in_run']);
  expect(await changes(' --band 51%')).toEqual(['acme USD new_payee', 'zenith EUR not_in_run']);
  expect(await json(`payout show ${first.run} --detail`)).toMatchObject({
    changes: [{ finding: 'new_payee' }, { finding: 'new_payee' }],
  });
});

test('who is paid again what came back is no new payee', async () => {
  await earned({ instance: 'acme-uk', amount: 10_000 });
  const { run, numbers } = await approved();
  await type(`payout submit ${run} --out register.csv --confirm ${run}`);
  expect((await type(`payout fail ${numbers['acme']} --reason AC04 --yes`)).code).toBe(0);
  const again = await json<Generated>(`payout retry ${numbers['acme']}`);
  expect(again.payouts).toMatchObject([{ gross: '100.00' }]);
  expect(await json(`payout show ${again.run} --detail`)).toMatchObject({ changes: [] });
});

test('an auditor reads all of it and changes nothing', async () => {
  await earned({ instance: 'acme-uk', amount: 6000 }, { instance: 'acme-ie', amount: -100 });
  const { run, numbers } = await approved();
  await database.as('audrey', 'auditor');
  for (const line of [
    'payout list',
    'payout runs',
    `payout show ${run} --detail`,
    `payout show ${numbers['acme']} --detail`,
    'payout why-not acme',
  ]) {
    await typed(`${line} --actor audrey`);
  }
  await typed(`payout submit ${run} --out register.csv --confirm ${run}`);
  await typed(`payout register ${run} --out - --actor audrey`);
  for (const line of ['payout generate', `payout complete --run ${run} --confirm ${run}`]) {
    const refused = await type(`${line} --actor audrey`);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('error[no_rights]')]);
  }
});
