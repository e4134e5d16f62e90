import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asker } from '../../src/cli/asker.ts';
import { resumeInstance, suspendInstance } from '../../src/services/instance/suspend-instance.ts';
import { emptyDirectory, shell } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let type: ReturnType<typeof shell>;
const must = async (line: string): Promise<string> => {
  const { code, stdout, stderr } = await type(line);
  expect(code, `${line}\n${stderr}`).toBe(0);
  return stdout;
};
const pay = (shop: string, net: string, on: string, id: string) =>
  `revenue record --instance ${shop} --kind payment --net ${net} --currency EUR --occurred-at ${on} --id ${id} --sale-ref S-${id} --sale-net ${net}`;

beforeAll(async () => {
  database = await testDatabase();
  type = shell(database, { env: await database.environmentOf('checker'), cwd: emptyDirectory() });
  for (const line of [
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name Acme --type reseller --currency EUR',
    'instance create shop --tenant northwind --partner acme --name Shop',
    'instance create attic --tenant northwind --partner acme --name Attic',
    'settings set hold_days 0 --from 2026-01-01',
    'rule set --scope programme --percentage 10% --from 2026-01-01',
    pay('shop', '100', '2026-11-03', 'old'),
    pay('shop', '50', '2026-11-12', 'new'),
    pay('attic', '30', '2026-11-12', 'attic'),
    'job run accrue-commissions --for 2026-11-15',
  ]) {
    await must(line);
  }
});
afterAll(async () => await database.drop());

it('cancels by name a draft that holds what is suspended since, and drafts the rest again', async () => {
  await must('payout generate --cutoff 2026-11-20');
  await must('payout approve 1 --confirm 1 --actor checker');
  await must('instance suspend shop --from 2026-11-10 --reason "invoice unpaid" --confirm shop');
  const sent = await type('payout submit 1 --confirm 1 --out register.csv');
  expect([sent.code, sent.stderr]).toEqual([6, expect.stringContaining('of acme: held: instance_suspended')]);
  await must('payout generate --cutoff 2026-11-20');
  expect(JSON.parse(await must('payout list --run 2 --json'))).toMatchObject([{ gross: '13.00' }]);
  await must('doctor');
});

it('holds a refund with what it takes back, and lets one of an older sale go', async () => {
  for (const line of [
    'revenue record --instance shop --kind refund --net -20 --currency EUR --occurred-at 2026-11-16 --id back-new --sale-ref S-new --sale-net 50',
    'revenue record --instance shop --kind refund --net -10 --currency EUR --occurred-at 2026-11-16 --id back-old --sale-ref S-old --sale-net 100',
    'job run accrue-commissions --for 2026-11-20',
  ]) {
    await must(line);
  }
  const statuses = await must('earnings list --instance shop --json');
  const told = (JSON.parse(statuses) as Record<string, string>[]).map((row) => [row['event'], row['status']]);
  expect(told.sort()).toEqual([
    ['back-new', 'held'],
    ['back-old', 'approved'],
    ['new', 'held'],
    ['old', 'processing'],
  ]);
});

it('is suspended once, whoever says it at the same time', async () => {
  const [one, other] = [await database.context(), await database.context({ actor: 'checker' })];
  await resumeInstance(one, { code: 'shop', reason: 'paid' });
  const asked = { code: 'shop', reason: 'again' };
  const both = await Promise.allSettled([suspendInstance(one, asked), suspendInstance(other, asked)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  expect(['instance_suspended', 'status_transition']).toContain((refused.reason as { code: string }).code);
  await resumeInstance(one, { code: 'shop', reason: 'paid' });
});

it('asks on a terminal which, why, and for its code, after it has shown what is touched', async () => {
  const asked: string[] = [];
  const given = ['attic', 'a quarrel', 'attic'];
  const answer = async (message: string): Promise<string> => {
    asked.push(message);
    return await Promise.resolve(given.shift()!);
  };
  const asker: Asker = {
    text: async ({ message }) => await answer(message),
    select: async ({ message }) => await answer(message),
    confirm: async () => await Promise.resolve(false),
  };
  const { code, stderr } = await type('instance suspend', { asker });
  expect([code, asked]).toEqual([0, ['Instance:', 'Reason:', 'Suspend attic? Type attic:']]);
  expect(stderr).toContain('untouched: tenant northwind; its other instances: shop');
});
