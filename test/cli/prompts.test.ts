import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Asker, Choice } from '../../src/cli/asker.ts';
import { canAsk, terminalAsker } from '../../src/cli/asker.ts';
import { confirmRoutine, confirmTyped } from '../../src/cli/confirmation.ts';
import type { Invocation } from '../../src/cli/command.ts';
import type { Io } from '../../src/cli/main.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { shell } from './terminal.ts';

let database: TestDatabase;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  type = shell(database);
  for (const line of [
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name "Acme Resale" --type reseller --currency SEK',
  ]) {
    expect((await type(line)).code).toBe(0);
  }
});
afterAll(async () => {
  await database.drop();
});

/** Answers from a list, in order, and remembers what was asked. */
function answers(...given: (string | boolean)[]): Asker & { asked: { message: string; choices?: string[] }[] } {
  const asked: { message: string; choices?: string[] }[] = [];
  const next = (): string | boolean => {
    const answer = given.shift();
    if (answer === undefined) throw new Error(`not expected to be asked ${JSON.stringify(asked.at(-1))}`);
    return answer;
  };
  return {
    asked,
    async text({ message, check }) {
      asked.push({ message });
      let answer = next() as string;
      for (let complaint = check(answer); complaint !== null; complaint = check(answer)) {
        asked.push({ message: complaint });
        answer = next() as string;
      }
      return answer;
    },
    async select({ message, choices }) {
      asked.push({ message, choices: choices.map((choice: Choice) => choice.value) });
      return next() as string;
    },
    async confirm(message) {
      asked.push({ message });
      return next() as boolean;
    },
  };
}

describe('on a terminal what is missing is asked for', () => {
  test('types and currencies are chosen, text is typed and checked at once', async () => {
    const asker = answers('Blogly!', 'blogly', 'Blogly', 'affiliate', 'EUR');
    const { code, stderr } = await type('partner create', { asker });
    expect([code, stderr]).toEqual([0, '✓ created partner blogly, active\n']);
    expect(asker.asked.map(({ message }) => message)).toEqual([
      'what you will type for it, for ever:',
      expect.stringContaining("'Blogly!' cannot be a code; use 1–63 lower-case letters"),
      'its name:',
      'Type of partner:',
      'Currency:',
    ]);
    expect(asker.asked[3]?.choices).toEqual(['reseller', 'affiliate', 'referral', 'white_label']);
    // What partners are paid in comes first.
    expect(asker.asked[4]?.choices?.slice(0, 2)).toEqual(['SEK', 'AED']);
  });

  test('account data is asked for field by field, checked at once and never repeated', async () => {
    const place = await testDatabase();
    const here = shell(place);
    for (const line of ['partner create acme --name Acme --type reseller --currency EUR', 'keys init']) {
      expect((await here(line)).code).toBe(0);
    }
    const asker = answers(
      'acme',
      'iban',
      'DE89 3704 0044 0532 0130 01',
      'DE89 3704 0044 0532 0130 00',
      '',
      'Acme GmbH',
    );
    const { code, stdout, stderr } = await here('instrument add', { asker });
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('DE89…3000')]);
    expect(stdout + stderr).not.toContain('DE8937');
    expect(asker.asked.map(({ message }) => message)).toEqual([
      'Partner:',
      'Kind:',
      'IBAN:',
      'iban has check digits that do not fit: something is mistyped',
      'BIC of the bank (may be blank):',
      'whose account it is, where it is not the partner’s name (may be blank):',
    ]);
    const because = answers('the bank asks');
    expect((await here('instrument show acme/EUR --reveal', { asker: because })).stdout).toContain('holder=Acme GmbH');
    expect(because.asked).toEqual([{ message: 'Why it has to be seen (for the record):' }]);
    await place.drop();
  });

  test('a price and a subscription ask for plan and cycle, amounts, and whose it is', async () => {
    const place = await testDatabase();
    const here = shell(place);
    for (const line of [
      'tenant create northwind --name Northwind',
      'partner create acme --name Acme --type reseller --currency EUR',
      'instance create acme-shop --tenant northwind --partner acme --name Shop',
      'plan create pro --name Pro',
    ]) {
      expect((await here(line)).code).toBe(0);
    }
    const price = answers('pro/monthly', 'EUR', '-12', '12', '20');
    expect((await here('price-book set', { asker: price })).stderr).toContain('✓ pro/monthly/EUR is priced from');
    expect(price.asked.map(({ message }) => message)).toEqual([
      ...['Plan and cycle:', 'Currency:', 'What a cycle costs the partner:', 'the price -12 is below zero'],
      'What a cycle costs the customer:',
    ]);
    expect(price.asked[0]?.choices).toEqual(['pro/monthly', 'pro/quarterly', 'pro/annual']);
    const subscription = answers('shop', 'pro/monthly', 'EUR', 'acme-shop');
    expect((await here('subscription create', { asker: subscription })).code).toBe(0);
    expect(subscription.asked.at(-1)).toEqual({ message: 'Of which instance:', choices: ['acme-shop'] });
    const cancelled = answers('shop', true);
    expect((await here('subscription cancel', { asker: cancelled })).stderr).toContain(
      '✓ subscription shop is cancelled',
    );
    await place.drop();
  });

  test('existing tenants and partners are chosen', async () => {
    const asker = answers('northwind', 'acme');
    expect((await type('instance create acme-shop --name Shop', { asker })).code).toBe(0);
    expect(asker.asked).toEqual([
      { message: 'Tenant:', choices: ['northwind'] },
      { message: 'Founding partner:', choices: ['acme', 'blogly'] },
    ]);
  });

  test('a reason is asked for though a freeze works without one', async () => {
    const asker = answers('address unconfirmed');
    expect((await type('partner freeze blogly', { asker })).code).toBe(0);
    expect(asker.asked).toEqual([{ message: 'Reason (for the record):' }]);
    expect((await type('partner activate blogly')).code).toBe(0);
  });

  test('a rule is asked for step by step', async () => {
    const asker = answers('partner', 'acme', 'flat', '5.00', 'EUR');
    const { code, stdout } = await type('rule set --from 2026-01-01 -o json', { asker });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ scope: 'partner=acme', kind: 'flat', amount: '5.00', currency: 'EUR' });
  });

  test('a tiered rule is asked for its brackets, what they are counted over, and what was not given', async () => {
    const asker = answers('tiered', '0:4%,200:6%', 'whole', 'quarter');
    const { code, stdout } = await type('rule set --scope partner=acme --currency EUR --from 2026-01-01 -o json', {
      asker,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      terms: '4%, from 200.00 EUR 6%, whole, per quarter and partner',
      window: 'quarter',
    });
  });

  test('a rate is checked as it is typed, and what the flags say is not asked for', async () => {
    const ran = await type('rule set --scope programme --percentage 10% --min-sale 5 --from 2026-01-01 -o json', {
      asker: answers('EUR'),
    });
    expect(JSON.parse(ran.stdout)).toMatchObject({ min_sale: '5.00', currency: 'EUR' });
    const asked = answers('hybrid', '10', '10%', '2.00', 'EUR');
    expect((await type('rule set --scope programme --from 2026-01-01 -o json', { asker: asked })).code).toBe(0);
    expect(asked.asked.map(({ message }) => message)).toEqual([
      'What does it say?',
      'Percentage (12.5%):',
      expect.stringContaining('has no percent sign'),
      'Amount per sale (5.00):',
      'Currency:',
    ]);
  });

  test('an account without its instance is asked where', async () => {
    const asker = answers('acme-shop');
    expect((await type('account add C-1 -o id', { asker })).stdout).toBe('acme-shop/C-1\n');
  });

  test('what is given is not asked for, and what is wrong is not asked again', async () => {
    const asker = answers();
    expect((await type('tenant create gulf --name "Gulf Payments"', { asker })).code).toBe(0);
    expect((await type('partner create x --name X --type reseler --currency EUR', { asker })).code).toBe(2);
  });

  test('what a setting is to be, and its currency only where it is an amount', async () => {
    const asker = answers('minimum_payout', '50', 'EUR');
    expect((await type('settings set', { asker })).code).toBe(0);
    expect(asker.asked.map(({ message }) => message)).toEqual(['Setting:', 'What it is to be:', 'Currency:']);
    expect((await type('settings set hold_days', { asker: answers('45') })).code).toBe(0);
  });

  test('which entries are meant, and why; everything is confirmed', async () => {
    const asker = answers('dispute', ' 7.0, 8.0 ');
    const { code, stderr } = await type('commission hold --color never', { asker });
    expect([code, stderr.split('\n')[0]]).toEqual([3, 'error[entry_not_found]: 2 entries cannot be held']);
    expect(asker.asked.map(({ message }) => message)).toEqual(['Reason:', 'Entries (1042.0 1043.0):']);
    expect((await type('commission release --all', { asker: answers(false) })).code).toBe(130);
    expect((await type('commission release --all', { asker: answers(true) })).code).toBe(0);
    expect((await type('commission release --all --dry-run', { asker: answers() })).code).toBe(0);
  });

  test('archiving asks, and no means no', async () => {
    await type('partner create gone --name Gone --type referral --currency EUR');
    const no = await type('partner archive gone --color never', { asker: answers(false) });
    expect([no.code, no.stderr]).toEqual([130, 'error[declined]: declined: nothing was done\n']);
    expect((await type('partner show gone -o json')).stdout).toContain('"status": "active"');
    expect((await type('partner archive gone --dry-run', { asker: answers() })).code).toBe(0);
    const unasked = await type('partner archive gone');
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      'error[confirmation_missing]: Archive gone for good? This wants a confirmation\n' + 'hint: give --yes\n',
    ]);
    expect((await type('partner show gone -o json')).stdout).toContain('"status": "active"');
    expect((await type('partner archive gone', { asker: answers(true) })).code).toBe(0);
  });
});

describe('nobody is asked', () => {
  test.each([
    ['in a pipe', {}, ''],
    ['with --yes', { asker: answers() }, ' --yes'],
    ['by a CI', { asker: answers(), env: { CI: 'true' } }, ''],
  ])('%s: a usage error names what is missing', async (_, settings, more) => {
    const { code, stderr } = await type(`tenant create sakura${more}`, settings);
    expect(code).toBe(2);
    expect(stderr).toContain('missing: --name <text>');
  });

  test('unless both ends of the conversation are terminals', () => {
    const io = { stdinIsTTY: true, stderrIsTTY: true } as Io;
    expect(canAsk(io, {}, false)).toBe(true);
    expect(canAsk({ ...io, stdinIsTTY: false }, {}, false)).toBe(false);
    expect(canAsk({ ...io, stderrIsTTY: false }, {}, false)).toBe(false);
    expect(canAsk(io, { CI: 'false' }, false)).toBe(true);
  });
});

describe('confirmations', () => {
  const invocation = (over: Partial<Invocation>) => ({ yes: false, dryRun: false, asker: null, ...over }) as Invocation;

  test('a routine one: --yes, a yes, or a usage error that names the flag', async () => {
    await confirmRoutine(invocation({ yes: true }), 'Sure?');
    await confirmRoutine(invocation({ dryRun: true }), 'Sure?');
    await confirmRoutine(invocation({ asker: answers(true) }), 'Sure?');
    await expect(confirmRoutine(invocation({ asker: answers(false) }), 'Sure?')).rejects.toMatchObject({
      exitCode: 130,
    });
    await expect(confirmRoutine(invocation({}), 'Sure?')).rejects.toMatchObject({ exitCode: 2, hint: 'give --yes' });
  });

  test('a dangerous one: the id typed, and --yes is not enough', async () => {
    await confirmTyped(invocation({ asker: answers('PO-1') }), 'PO-1', undefined, 'This pays.');
    await confirmTyped(invocation({}), 'PO-1', 'PO-1', 'This pays.');
    await expect(confirmTyped(invocation({ yes: true }), 'PO-1', undefined, 'This pays.')).rejects.toMatchObject({
      hint: 'give --confirm PO-1',
    });
    await expect(confirmTyped(invocation({}), 'PO-1', 'PO-2', 'This pays.')).rejects.toThrow(/nothing was done/);
  });
});

describe('inquirer', () => {
  const terminal = () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    let said = '';
    stderr.on('data', (data: Buffer) => (said += data.toString()));
    const io = {
      stdin,
      stderr,
      stdout: new PassThrough(),
      stdinIsTTY: true,
      stdoutIsTTY: true,
      stderrIsTTY: true,
      columns: 80,
    };
    const press = async (...keys: string[]) => {
      // inquirer is loaded when something is asked; a key before that would be lost.
      while (!said.includes('?')) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const key of keys) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        stdin.write(key);
      }
    };
    return { asker: terminalAsker(io as unknown as Io), press, said: () => said };
  };

  test('chooses on stderr, shows stored text harmlessly', async () => {
    const { asker, press, said } = terminal();
    const choices = [{ value: 'a', name: 'a  \u001b[2JAcme' }, { value: 'b' }];
    const [chosen] = await Promise.all([asker.select({ message: 'Which?', choices }), press('\u001b[B', '\r')]);
    expect(chosen).toBe('b');
    expect(said()).toContain('Which?');
    expect(said()).not.toContain('\u001b[2JAcme');
  });

  test('takes a text once it passes its check', async () => {
    const { asker, press, said } = terminal();
    const check = (text: string) => (text === 'ok' ? null : 'not ok');
    const [text] = await Promise.all([asker.text({ message: 'Say:', check }), press('o', '\r', 'k', '\r')]);
    expect(text).toBe('ok');
    expect(said()).toContain('not ok');
  });

  test('Ctrl-C is an interruption', async () => {
    const { asker, press } = terminal();
    const asking = expect(asker.confirm('Sure?')).rejects.toMatchObject({ exitCode: 130, code: 'interrupted' });
    await Promise.all([asking, press('\u0003')]);
  });
});
