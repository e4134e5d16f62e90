import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Connection } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { createInstance } from '../../src/services/instance/create-instance.ts';
import { recordRevenue, type RecordRequest } from '../../src/services/revenue/record-revenue.ts';
import { endRule } from '../../src/services/rule/end-rule.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { makeParties } from './parties.ts';

/** A version that would touch decided sales is refused (SEMANTICS §3): the sale's date counts, not the event's. */
let database: TestDatabase;
let ctx: OpenedContext;
/** Every rule is set for real and rolled back, so that each question finds the books as they were. */
let dry: OpenedContext;

beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  dry = await database.context({ dryRun: true });
  await makeParties(ctx);
  await createInstance(ctx, { code: 'invoiced', name: 'Invoiced', tenant: 'gulf', partner: 'blogly' });
  await createInstance(ctx, { code: 'undecided', name: 'Undecided', tenant: 'gulf', partner: 'blogly' });
  await setRule(ctx, { scope: { kind: 'programme' }, percentage: '10%', from: '2026-01-01', to: '2026-11-10' });
  await setRule(ctx, { scope: { kind: 'programme' }, percentage: '12%', from: '2026-11-10' });

  await pay('acme-shop', '2026-10-05', { account: 'C-1', product: 'goods' });
  await pay('acme-shop', '2026-10-20', { product: 'support' });
  await pay('blog-shop', '2026-10-31');
  await pay('invoiced', '2026-10-05', invoice('INV-1', '2026-09-15'));
  await pay('invoiced', '2026-10-06', invoice('INV-1', '2026-09-15'));
  await accrue(ctx, '2026-10-31');
  await pay('acme-gulf', '2026-11-05');
  await pay('undecided', '2026-11-05', invoice('INV-2', '2026-08-15'));
});
afterAll(async () => {
  await database.drop();
});

const invoice = (ref: string, day: string) => ({
  sale_ref: ref,
  sale_net: '200.00',
  sale_gross: '200.00',
  sale_date: day,
});

let serial = 0;
async function pay(instance: string, day: string, more: RecordRequest['fields'] = {}): Promise<void> {
  await recordRevenue(ctx, {
    createAccount: true,
    fields: {
      external_id: `e-${(serial += 1)}`,
      kind: 'payment',
      instance,
      net: '100.00',
      currency: 'EUR',
      occurred_at: `${day}T12:00:00Z`,
      ...more,
    },
  });
}

/** The outcome of setting a rule: 'set', or the code it is refused with and the first free date. */
async function outcome(
  scope: string,
  from: string,
  more: { to?: string; product?: string; percentage?: string; level?: number } = {},
): Promise<string> {
  try {
    await setRule(dry, { scope: parseScope(scope), percentage: '25%', from, ...more });
    return 'set';
  } catch (error) {
    if (!(error instanceof RevshareError)) throw error;
    return `${error.code} ${String(error.details?.['sales'])} ${String(error.details?.['first_free_date'])}`;
  }
}

describe('decided sales', () => {
  test.each<[string, string, string]>([
    ['programme', '2026-09-01', 'decided_sales 4 2026-11-01'],
    ['programme', '2026-10-01', 'decided_sales 3 2026-11-01'],
    ['programme', '2026-10-31', 'decided_sales 1 2026-11-01'],
    ['programme', '2026-11-01', 'set'],
    ['partner=acme', '2026-10-01', 'decided_sales 2 2026-10-21'],
    ['partner=blogly', '2026-10-01', 'decided_sales 1 2026-11-01'],
    ['partner=acme', '2026-10-21', 'set'],
    ['tier=gold', '2026-10-06', 'decided_sales 1 2026-10-21'],
    ['tier=silver', '2026-10-01', 'set'],
    ['instance=acme-shop', '2026-10-01', 'decided_sales 2 2026-10-21'],
    ['instance=acme-gulf', '2026-10-01', 'set'],
    ['account=acme-shop/C-1', '2026-10-01', 'decided_sales 1 2026-10-06'],
    ['account=acme-shop/C-1', '2026-10-06', 'set'],
  ])('%s from %s: %s', async (scope, from, what) => {
    expect(await outcome(scope, from)).toBe(what);
  });

  test('only those of the product count, and a product nobody sold is free', async () => {
    expect(await outcome('programme', '2026-10-01', { product: 'goods' })).toBe('decided_sales 1 2026-10-06');
    expect(await outcome('programme', '2026-10-01', { product: 'unsold' })).toBe('set');
  });

  test('only the days that would change count', async () => {
    expect(await outcome('programme', '2026-09-20', { to: '2026-10-05' })).toBe('set');
    expect(await outcome('programme', '2026-09-20', { to: '2026-10-06' })).toBe('decided_sales 1 2026-10-06');
    // Over October the programme says 10 % already: nothing is touched there, and from November on it is new.
    expect(await outcome('programme', '2026-10-01', { percentage: '10%' })).toBe('set');
  });

  test('the refusal leaves nothing behind and says what to do', async () => {
    const count = async () => [
      ...(await ctx.db
        .sql`select (select count(*) from known_changes) as numbers, (select count(*) from rule_versions) as versions`),
    ];
    const before = await count();
    await expect(
      setRule(ctx, { scope: { kind: 'programme' }, exclude: true, from: '2026-10-01' }),
    ).rejects.toMatchObject({
      code: 'decided_sales',
      exitCode: 3,
      message: '3 decided sales lie in this rule from 2026-10-01 on; the first free date is 2026-11-01',
      hint: 'choose --from 2026-11-01 or later, or ask for the differences with --retroactive',
    });
    expect(await count()).toEqual(before);
  });

  test('an end is refused alike', async () => {
    const end = async (on: string) => await endRule(dry, { scope: { kind: 'programme' }, on });
    await expect(end('2026-10-20')).rejects.toMatchObject({
      code: 'decided_sales',
      hint: 'choose --on 2026-11-01 or later, or ask for the differences with --retroactive',
    });
    expect(await end('2026-11-01')).toMatchObject({ to: '2026-11-01' });
  });
});

describe('who earns there', () => {
  const named = async (tx: Connection, table: 'partners' | 'accounts', code: string) =>
    (await tx.sql<{ id: string }[]>`select id from ${tx.sql(table)} where code = ${code}`)[0]!.id;

  test('for an override it is the partner so many levels above; without one nothing is touched', async () => {
    expect(await outcome('programme', '2026-10-01', { level: 1 })).toBe('set');
    await database.admin().transaction(async (tx) => {
      await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
        select ${await named(tx, 'partners', 'acme')}, ${await named(tx, 'partners', 'blogly')}, daterange('2026-10-10', null), draw_known_seq('parent')`;
    });
    expect(await outcome('programme', '2026-10-01', { level: 1 })).toBe('decided_sales 1 2026-10-21');
    expect(await outcome('partner=blogly', '2026-10-01', { level: 1 })).toBe('decided_sales 1 2026-10-21');
    expect(await outcome('partner=acme', '2026-10-01', { level: 1 })).toBe('set');
    expect(await outcome('instance=blog-shop', '2026-10-01', { level: 1 })).toBe('set');
    expect(await outcome('instance=acme-shop', '2026-10-01', { level: 2 })).toBe('set');
  });

  test('for an account that is shared it is who shares it, not who has the agreement', async () => {
    expect(await outcome('account=acme-shop/C-1', '2026-10-01')).toBe('decided_sales 1 2026-10-06');
    await database.admin().transaction(async (tx) => {
      await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq)
        select ${await named(tx, 'accounts', 'C-1')}, 0, ${await named(tx, 'partners', 'blogly')}, 1000000, daterange('2026-10-01', null), draw_known_seq('slots')`;
    });
    expect(await outcome('partner=acme', '2026-10-01')).toBe('decided_sales 1 2026-10-21');
    expect(await outcome('partner=blogly', '2026-10-01', { to: '2026-10-06' })).toBe('decided_sales 1 2026-10-06');
  });
});

describe('a sale with a sale_ref', () => {
  test('counts on its own date, whenever it is paid, and once, however many of its events are decided', async () => {
    expect(await outcome('instance=invoiced', '2026-09-15')).toBe('decided_sales 1 2026-09-16');
    expect(await outcome('instance=invoiced', '2026-09-16')).toBe('set');
  });

  test('is free while nothing of it is decided', async () => {
    expect(await outcome('instance=undecided', '2026-08-01')).toBe('set');
  });
});

test('while an accrual is at work nothing it may be deciding is changed', async () => {
  const admin = database.admin();
  await admin.sql`insert into job_runs (job, business_date, attempt, status, known_seq, lease_until, worker)
    select 'accrue-commissions', '2026-11-30', 1, 'running', max(known_seq), now() + interval '1 minute', 'test' from known_changes`;
  expect(await outcome('instance=acme-gulf', '2026-10-01')).toMatch(/^accrual_running/);
  expect(await outcome('instance=acme-gulf', '2026-12-01')).toBe('set');
  await admin.sql`update job_runs set status = 'lost', finished_at = now() where status = 'running'`;
  expect(await outcome('instance=acme-gulf', '2026-10-01')).toBe('set');
});
