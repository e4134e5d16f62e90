import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedFields } from '../../src/cli/mutation.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { shell } from './terminal.ts';

let database: TestDatabase;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  type = shell(database);
});
afterAll(async () => {
  await database.drop();
});

const create = 'partner create acme --name "Acme Resale" --type reseller --currency EUR --tier gold';

interface DryRun {
  dry_run: boolean;
  plan: string;
  changes: { action: string; table: string; after: Record<string, unknown> }[];
  result: Record<string, unknown>;
}

describe('a dry run', () => {
  test('changes nothing and says what it would: actions, fields, a plan', async () => {
    const ran = await type(`${create} --dry-run`);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^insert\tpartners\tacme\tcode: acme, name: Acme Resale, .*\n/);
    expect(ran.stdout).toMatch(/\nplan\t[0-9a-f]{12}\n$/);
    expect(ran.stderr).toMatch(/^dry run: nothing was written; --plan [0-9a-f]{12} does exactly this, or refuses\n$/);
    expect((await type('partner list -o id')).stdout).toBe('');
  });

  test('as JSON is one object', async () => {
    const found = JSON.parse((await type(`${create} --dry-run --json`)).stdout) as DryRun;
    expect(found).toMatchObject({
      dry_run: true,
      plan: expect.stringMatching(/^[0-9a-f]{12}$/),
      result: { code: 'acme', tier: 'gold' },
    });
    expect(found.changes.map(({ action, table }) => `${action} ${table}`)).toEqual([
      'insert partners',
      'insert partner_tiers',
    ]);
  });

  test('prints the id once, as the real one does, however many rows would change', async () => {
    expect(await type(`${create} --dry-run -o id`)).toMatchObject({ code: 0, stdout: 'acme\n' });
  });

  test('prints no number that the real one draws anew; one that was typed is known', async () => {
    const limit = 'approval limit EUR 5.00 --payouts --reason "a test"';
    expect(await type(`${limit} --dry-run -o id`)).toMatchObject({ code: 0, stdout: '(dry run)\n' });
    const request = (await type(`${limit} -o id`)).stdout.trim();
    const answered = await type(`approval reject ${request} --reason "a test" --dry-run -o id`);
    expect(answered).toMatchObject({ code: 0, stdout: `${request}\n` });
  });

  test('refuses what the real one refuses', async () => {
    expect((await type(`${create.replace('gold', 'lead')} --dry-run`)).code).toBe(3);
  });
});

test('a name longer than a line is refused with what would do', async () => {
  const ran = await type([
    'partner',
    'create',
    'long',
    '--name',
    'x'.repeat(201),
    '--type',
    'reseller',
    '--currency',
    'EUR',
  ]);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: a name has 200 at most') });
});

test('a job for a day that has not come is refused, on a dry run too', async () => {
  for (const line of ['approve-due --for 2026-11-22', 'accrue-commissions --for 2027-01-01 --dry-run']) {
    const ran = await type(`job run ${line}`);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(
      /^error\[date_in_future\]: a job cannot run for \S+: today is 2026-11-21 \(UTC\)\nhint: leave out --for/,
    );
  }
  expect((await type('job history -o id')).stdout).toBe('');
});

describe('a plan', () => {
  test('is carried out while the world is as it was', async () => {
    const { plan } = JSON.parse((await type(`${create} --dry-run --json`)).stdout) as DryRun;
    expect((await type(`${create.replace('gold', 'silver')} --plan ${plan}`)).stderr).toContain('error[plan_changed]');
    expect((await type('partner list -o id')).stdout).toBe('');
    expect((await type(`${create} --plan ${plan}`)).code).toBe(0);
    expect((await type(`${create} --plan ${plan}`)).code).toBe(3);
  });

  test('of the first event of a source is carried out, too, though the source has no number yet', async () => {
    await type('tenant create orient --name Orient');
    await type('instance create orient-shop --tenant orient --partner acme --name Shop');
    const record =
      'revenue record --instance orient-shop --kind payment --net 1.00 --currency EUR --occurred-at 2026-10-05 --id first';
    const { plan } = JSON.parse((await type(`${record} --dry-run --json`)).stdout) as DryRun;
    expect((await type(`${record} --plan ${plan}`)).stderr).toBe('');
  });

  test('is refused once the row it would change is another', async () => {
    const update = 'partner update acme --contact "Ada Byron"';
    const { plan } = JSON.parse((await type(`${update} --dry-run --json`)).stdout) as DryRun;
    await type('partner update acme --company "Acme GmbH"');
    const ran = await type(`${update} --plan ${plan}`);
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('error[plan_changed]')]);
  });
});

describe('what is printed', () => {
  test('a pipe gets the row alone, a terminal a line beside it', async () => {
    const piped = await type('tenant create gulf --name Gulf');
    expect([piped.stdout.split('\n')[0], piped.stderr]).toEqual(['code\tgulf', '']);
    const terminal = await type('tenant create sakura --name Sakura', { tty: 80, env: { NO_COLOR: '1' } });
    expect(terminal.stderr).toBe('✓ created tenant sakura\n');
    expect(terminal.stdout).toMatch(/^code +sakura\n/);
    expect((await type('tenant create nine --name Nine -o id')).stdout).toBe('nine\n');
    expect((await type('tenant create ten --name Ten --quiet', { tty: 80 })).stderr).toBe('');
  });

  test('nothing to change is said, and nothing is written', async () => {
    const ran = await type('partner update acme --name "Acme Resale"');
    expect([ran.code, ran.stderr]).toEqual([0, 'partner acme is like this already: nothing changed\n']);
    expect((await type('partner update acme')).stderr).toContain('error[nothing_given]');
    const dry = await type('partner update acme --name "Acme Resale" --dry-run');
    expect(dry.stderr).toContain('dry run: nothing would change');
  });

  test('a change is told by its fields', () => {
    const base = { action: 'update', table: 'partners', key: 'acme' } as const;
    expect(
      changedFields({ ...base, before: { id: 1, name: 'A', email: null }, after: { id: 1, name: 'B', email: 'x@y' } }),
    ).toEqual(['name: A → B', 'email: (none) → x@y']);
    expect(
      changedFields({ ...base, action: 'insert', before: null, after: { id: 1, name: 'A', email: null } }),
    ).toEqual(['name: A']);
    expect(
      changedFields({ ...base, before: { retired_seq: null, rate: 1 }, after: { retired_seq: 7, rate: 1 } }),
    ).toEqual(['retired']);
    const told = (table: string, after: Record<string, unknown>) =>
      changedFields({ action: 'insert', table, key: '1', before: null, after });
    expect(told('rule_versions', { rate_ppm: 125_000, flat_minor: 2500, currency: 'EUR' })).toEqual([
      'rate: 12.5%',
      'flat: 25.00 EUR',
      'currency: EUR',
    ]);
    expect(told('subscription_terms', { price_minor: 2000 })).toEqual(['price_minor: 2000']);
    expect(told('partner_terms', { credit_limit: { EUR: 100_000 }, territory: ['AT', 'DE'] })).toEqual([
      'credit_limit: 1000.00 EUR',
      'territory: AT DE',
    ]);
    expect(told('settings', { name: 'recovery_share_ppm', value: 500_000 })).toEqual([
      'name: recovery_share',
      'value: 50%',
    ]);
    expect(told('settings', { name: 'minimum_payout', value: { JPY: 1000, EUR: 5000 } })).toEqual([
      'name: minimum_payout',
      'value: 50.00 EUR, 1000 JPY',
    ]);
  });
});
