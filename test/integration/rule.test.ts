import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { endRule } from '../../src/services/rule/end-rule.ts';
import { listRules, showRule, type Rule } from '../../src/services/rule/list-rules.ts';
import { setRule, type NewRule } from '../../src/services/rule/set-rule.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { makeParties } from './parties.ts';

let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await makeParties(ctx);
});
afterAll(async () => {
  await database.drop();
});

const page = { limit: 500, offset: 0 };
const set = async (scope: string, rule: Omit<NewRule, 'scope'>, on = ctx) =>
  await setRule(on, { ...rule, scope: parseScope(scope) });
const end = async (scope: string, day: string, product?: string) =>
  await endRule(ctx, { scope: parseScope(scope), on: day, product });
const says = ({ terms: { ratePpm, kind }, from, to }: Rule) =>
  `${from ?? ''}..${to ?? ''} ${ratePpm === null ? kind : ratePpm / 10_000}`;
const live = async (scope: string) => (await listRules(ctx, { scope: parseScope(scope) }, page)).map(says);

describe('a timeline of versions', () => {
  test('a first version begins where it is said to, and today where it is not', async () => {
    const { rule, changed } = await set('instance=acme-gulf', { percentage: '5%' });
    expect(changed).toBe(true);
    expect(rule).toMatchObject({
      scope: 'instance=acme-gulf',
      terms: { ratePpm: 50_000, base: 'net' },
      from: '2026-11-21',
      to: null,
      setBy: 'tester',
    });
  });

  test('today is the programme’s', async () => {
    const late = { ...ctx, clock: { now: () => Date.UTC(2026, 10, 21, 23) }, zone: 'Asia/Tokyo' };
    expect((await set('instance=acme-gulf', { percentage: '6%' }, late)).rule.from).toBe('2026-11-22');
  });

  test('a later version cuts the one before, and a version in the middle cuts it in two', async () => {
    await set('partner=acme', { percentage: '10%', from: '2026-01-01' });
    await set('partner=acme', { percentage: '12%', from: '2026-07-01' });
    expect(await live('partner=acme')).toEqual(['2026-01-01..2026-07-01 10', '2026-07-01.. 12']);
    await set('partner=acme', { percentage: '1%', from: '2026-03-01', to: '2026-04-01' });
    expect(await live('partner=acme')).toEqual([
      '2026-01-01..2026-03-01 10',
      '2026-03-01..2026-04-01 1',
      '2026-04-01..2026-07-01 10',
      '2026-07-01.. 12',
    ]);
  });

  test('one over several takes their place and leaves what lies outside', async () => {
    await set('partner=acme', { percentage: '20%', from: '2026-03-15', to: '2026-08-01' });
    expect(await live('partner=acme')).toEqual([
      '2026-01-01..2026-03-01 10',
      '2026-03-01..2026-03-15 1',
      '2026-03-15..2026-08-01 20',
      '2026-08-01.. 12',
    ]);
  });

  test('an earlier start before everything leaves no gap and no overlap', async () => {
    await set('partner=acme', { percentage: '3%', from: '2025-01-01', to: '2026-02-01' });
    expect(await live('partner=acme')).toContain('2025-01-01..2026-02-01 3');
    expect(await live('partner=acme')).toContain('2026-02-01..2026-03-01 10');
  });

  test('one number per change, remainders included; what was known then can be read again', async () => {
    const [before] = await ctx.db.sql`select max(known_seq)::int as seq from known_changes`;
    const then = await listRules(ctx, { scope: parseScope('partner=acme') }, page);
    const { rule } = await set('partner=acme', { exclude: true, from: '2026-02-15', to: '2026-03-10' });
    expect(rule.knownSeq).toBe((before!['seq'] as number) + 1);
    const history = (await showRule(ctx, String(rule.rule))).versions;
    const made = history.filter(({ knownSeq }) => knownSeq === rule.knownSeq);
    expect(made.map(says)).toEqual([
      '2026-02-01..2026-02-15 10',
      '2026-02-15..2026-03-10 exclude',
      '2026-03-10..2026-03-15 1',
    ]);
    expect(made.map(({ continues }) => continues === null)).toEqual([false, true, false]);
    const known = await listRules(ctx, { scope: parseScope('partner=acme'), known: rule.knownSeq - 1 }, page);
    expect(known.map(says)).toEqual(then.map(says));
  });
});

describe('saying what is said already', () => {
  test('changes nothing: no version, no number', async () => {
    await set('tier=gold', { percentage: '20%', from: '2026-01-01' });
    const numbers = async () => Number((await ctx.db.sql`select count(*) as n from known_changes`)[0]!['n']);
    const before = await numbers();
    for (const from of ['2026-01-01', '2026-06-01']) {
      expect(await set('tier=gold', { percentage: '20.0%', from })).toMatchObject({ changed: false });
    }
    expect(await numbers()).toBe(before);
    expect(await live('tier=gold')).toEqual(['2026-01-01.. 20']);
  });

  test('though not where it reaches further, or says it with another note', async () => {
    expect((await set('tier=gold', { percentage: '20%', from: '2025-06-01' })).changed).toBe(true);
    expect(await live('tier=gold')).toEqual(['2025-06-01.. 20']);
    expect((await set('tier=gold', { percentage: '20%', from: '2025-06-01', note: 'board, 2025-05' })).changed).toBe(
      true,
    );
    expect((await set('tier=gold', { percentage: '20%', from: '2025-06-01', note: 'board, 2025-05' })).changed).toBe(
      false,
    );
    expect((await set('tier=gold', { percentage: '20%', from: '2025-06-01', base: 'gross' })).changed).toBe(true);
  });
});

describe('terms', () => {
  test('0 % is a rate, an exclusion is not; flat amounts are exact in their currency', async () => {
    const terms = async (...[scope, rule]: Parameters<typeof set>) => (await set(scope, rule)).rule.terms;
    expect(await terms('tier=silver', { percentage: '0%' })).toMatchObject({ kind: 'percentage', ratePpm: 0 });
    expect(await terms('tier=bronze', { flat: '1.501', currency: 'KWD' })).toMatchObject({
      flatMinor: 1501n,
      currency: 'KWD',
    });
    expect(await terms('tier=diamond', { percentage: '1%', include: true })).toMatchObject({ includes: true });
  });

  test.each<[Omit<NewRule, 'scope'>, string]>([
    [{}, 'terms_missing'],
    [{ percentage: '10%', exclude: true }, 'terms_twice'],
    [{ percentage: '10' }, 'rate_without_percent'],
    [{ percentage: '100.1%' }, 'rate_over_100'],
    [{ percentage: '-1%' }, 'rate_negative'],
    [{ flat: '5.00' }, 'currency_missing'],
    [{ flat: '5.001', currency: 'EUR' }, 'amount_decimals'],
    [{ flat: '-5', currency: 'EUR' }, 'amount_negative'],
    [{ flat: '5', currency: 'HRK' }, 'currency_withdrawn'],
    [{ percentage: '1%', currency: 'EUR' }, 'terms_mixed'],
    [{ exclude: true, include: true }, 'terms_mixed'],
    [{ exclude: true, base: 'gross' }, 'terms_mixed'],
    [{ percentage: '1%', from: '2026-02-01', to: '2026-02-01' }, 'window_empty'],
  ])('%j is refused as %s', async (rule, code) => {
    await expect(set('tier=platinum', rule)).rejects.toMatchObject({ code, exitCode: 2 });
  });

  test('all of them are kept, through a change in the middle too', async () => {
    await set('programme', { product: 'limited', percentage: '1%' });
    await set('programme', { product: 'limitless', percentage: '1%' });
    const rule = {
      tiered: '0:4%,200:6%,400:8%',
      brackets: 'marginal',
      window: 'month',
      base: 'margin',
      include: true,
      currency: 'EUR',
      onlyProducts: ['limitless', 'limited'],
      territory: ['DE', 'AT'],
      minSale: '5',
      capSale: '50',
      capWindow: '500',
      firstSaleOnly: true,
      earningMonths: 12,
      note: 'all of it',
    } as const;
    await set('tier=bronze', { ...rule, from: '2026-01-01' });
    await set('tier=bronze', { percentage: '1%', from: '2026-03-01', to: '2026-04-01' });
    const rows = await listRules(ctx, { scope: parseScope('tier=bronze') }, page);
    expect(rows).toHaveLength(3);
    for (const { terms } of [rows[0]!, rows[2]!]) {
      expect(terms).toEqual({
        kind: 'tiered',
        includes: true,
        base: 'margin',
        onRest: false,
        ratePpm: null,
        flatMinor: null,
        bracketFrom: [0n, 20_000n, 40_000n],
        bracketPpm: [40_000, 60_000, 80_000],
        bracketMode: 'marginal',
        windowKind: 'month',
        windowPer: 'partner',
        limitProducts: ['limited', 'limitless'],
        minSaleMinor: 500n,
        capSaleMinor: 5000n,
        capWindowMinor: 50_000n,
        firstSaleOnly: true,
        earningMonths: 12,
        territory: ['AT', 'DE'],
        currency: 'EUR',
        paysIn: null,
        note: 'all of it',
      });
    }
    const again = { ...rule, onlyProducts: ['limited', 'limitless'], territory: ['AT', 'DE'], from: '2026-01-01' };
    expect((await set('tier=bronze', { ...again, to: '2026-03-01' })).changed).toBe(false);
    expect((await set('tier=bronze', { ...again, capSale: '51', to: '2026-03-01' })).changed).toBe(true);
    await end('tier=bronze', '2026-01-01');
  });

  test('an override is a rule of its own beside the own one', async () => {
    const own = await set('tier=diamond', { percentage: '10%', from: '2026-01-01' });
    const above = await set('tier=diamond', { percentage: '5%', onRest: true, level: 1, from: '2026-01-01' });
    expect(above.rule).toMatchObject({ level: 1, terms: { onRest: true } });
    expect(above.rule.rule).not.toBe(own.rule.rule);
    expect(await listRules(ctx, { scope: parseScope('tier=diamond'), level: 1 }, page)).toHaveLength(1);
    await endRule(ctx, { scope: parseScope('tier=diamond'), level: 1, on: '2026-01-01' });
    expect(await live('tier=diamond')).toEqual(['2026-01-01.. 10']);
  });

  test('a limit to what nobody sold is refused', async () => {
    await expect(set('tier=platinum', { percentage: '1%', onlyProducts: ['limted'] })).rejects.toMatchObject({
      code: 'product_not_found',
      hint: "did you mean 'limited'?",
    });
  });

  test('a product may be unknown so far, and is made known once', async () => {
    expect(await set('programme', { product: 'setup', flat: '25.00', currency: 'EUR' })).toMatchObject({
      newProduct: 'setup',
      rule: { product: 'setup' },
    });
    expect((await set('partner=acme', { product: 'setup', exclude: true })).newProduct).toBeNull();
  });

  test.each(['partner=acne', 'tier=goald', 'instance=acme-shp', 'account=acme-shop/C-2'])(
    '%s is not there',
    async (scope) => {
      await expect(set(scope, { percentage: '1%' })).rejects.toMatchObject({
        exitCode: 3,
        hint: expect.stringContaining('did you mean'),
      });
    },
  );
});

describe('ending', () => {
  test('leaves what was said before the day and nothing after', async () => {
    await set('account=acme-shop/C-1', { percentage: '10%', from: '2026-01-01' });
    await set('account=acme-shop/C-1', { percentage: '15%', from: '2027-01-01' });
    const left = await end('account=acme-shop/C-1', '2026-12-01');
    expect(left).toMatchObject({ scope: 'account=acme-shop/C-1', to: '2026-12-01', retiredSeq: null });
    expect(await live('account=acme-shop/C-1')).toEqual(['2026-01-01..2026-12-01 10']);
  });

  test('what never began is taken back', async () => {
    await set('instance=blog-shop', { percentage: '10%', from: '2027-01-01' });
    expect((await end('instance=blog-shop', '2026-12-01')).retiredSeq).not.toBeNull();
    expect(await live('instance=blog-shop')).toEqual([]);
  });

  test('what is not there cannot end', async () => {
    await expect(end('instance=blog-shop', '2026-12-01')).rejects.toMatchObject({ code: 'rule_not_in_force' });
    await expect(end('instance=acme-shop', '2026-12-01')).rejects.toMatchObject({ code: 'rule_not_found' });
    await expect(end('programme', '2026-12-01', 'setpu')).rejects.toMatchObject({
      code: 'product_not_found',
      hint: "did you mean 'setup'?",
    });
  });
});

describe('listing', () => {
  const scopes = async (filter: Parameters<typeof listRules>[1]) => [
    ...new Set((await listRules(ctx, filter, page)).map(({ scope }) => scope)),
  ];

  beforeEach(async () => {
    await set('programme', { percentage: '10%', from: '2026-01-01' });
    await set('instance=acme-shop', { percentage: '11%', from: '2026-01-01' });
    await set('instance=blog-shop', { percentage: '12%', from: '2026-01-01' });
  });

  test('goes from wide scopes to narrow ones', async () => {
    const all = await scopes({});
    expect(all[0]).toBe('programme');
    expect(all.at(-1)).toBe('account=acme-shop/C-1');
    expect(all.indexOf('tier=gold')).toBeLessThan(all.indexOf('partner=acme'));
    expect(all.indexOf('partner=acme')).toBeLessThan(all.indexOf('instance=acme-shop'));
  });

  test('of a partner: its own, where it earns, and accounts there; of an instance: its own and accounts', async () => {
    expect(await scopes({ partner: 'acme' })).toEqual([
      'partner=acme',
      'instance=acme-gulf',
      'instance=acme-shop',
      'account=acme-shop/C-1',
    ]);
    expect(await scopes({ instance: 'acme-shop' })).toEqual(['instance=acme-shop', 'account=acme-shop/C-1']);
    expect(await scopes({ product: 'setup' })).toEqual(['programme', 'partner=acme']);
  });

  test('on a day: what is in force then, one version per rule', async () => {
    const rows = await listRules(ctx, { at: '2026-07-15' }, page);
    expect(new Set(rows.map(({ rule }) => rule)).size).toBe(rows.length);
    expect(rows.filter(({ scope, product }) => scope === 'partner=acme' && product === null).map(says)).toEqual([
      '2026-03-15..2026-08-01 20',
    ]);
  });

  test('a rule is shown as it speaks today, with its history', async () => {
    const [programme] = await listRules(ctx, { scope: { kind: 'programme' } }, page);
    const shown = await showRule(ctx, String(programme!.rule));
    expect(shown).toMatchObject({ scope: 'programme', versions: [{ knownSeq: expect.any(Number) }] });
    await expect(showRule(ctx, '4711')).rejects.toMatchObject({ code: 'rule_not_found' });
    await expect(showRule(ctx, 'x')).rejects.toMatchObject({ code: 'rule_number' });
  });
});

test('two who set a rule at once: both are kept, one after the other, and nothing overlaps', async () => {
  const other = await database.context({ actor: 'second' });
  await Promise.all(
    Array.from(
      { length: 6 },
      async (_, n) =>
        await set('tier=platinum', { percentage: `${n + 1}%`, from: '2026-01-01' }, n % 2 === 0 ? ctx : other),
    ),
  );
  expect(await live('tier=platinum')).toHaveLength(1);
  const [row] = await listRules(ctx, { scope: parseScope('tier=platinum') }, page);
  expect((await showRule(ctx, String(row!.rule))).versions).toHaveLength(6);
});
