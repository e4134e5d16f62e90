import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { endRule } from '../../src/services/rule/end-rule.ts';
import { setRule, type NewRule } from '../../src/services/rule/set-rule.ts';
import { applyRules } from '../../src/services/rules/apply-rules.ts';
import { blameRule } from '../../src/services/rules/blame-rule.ts';
import { exportRules } from '../../src/services/rules/export-rules.ts';
import { lintDirectory, lintLive } from '../../src/services/rules/lint-rules.ts';
import { planRules } from '../../src/services/rules/plan-rules.ts';
import { readRuleDirectory, type RuleDirectory } from '../../src/services/rules/rule-directory.ts';
import { emptyDirectory } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { makeParties } from './parties.ts';

/** The rule book as files: written, changed, compared, applied; and who said what. One story, told in order. */
let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
let there: RuleDirectory;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  directory = emptyDirectory();
  there = { path: directory, called: 'rules' };
  await makeParties(ctx);
  await set('programme', { percentage: '10%', from: '2026-01-01' });
  await set('programme', { percentage: '12%', from: '2026-03-01', to: '2026-04-01' });
  await set('programme', { product: 'support', exclude: true, from: '2026-01-01' });
  await set('partner=acme', { product: 'support', percentage: '0%', from: '2026-01-01' });
  await set('programme', { level: 1, percentage: '5%', onRest: true, from: '2026-01-01' });
  await set('account=acme-shop/C-1', { percentage: '7%', onlyProducts: ['support'], from: '2026-01-01' });
});
afterAll(async () => {
  await database.drop();
});

const set = async (scope: string, rule: Omit<NewRule, 'scope'>) =>
  await setRule(ctx, { ...rule, scope: parseScope(scope) });
const apply = async (on = ctx) => await applyRules(on, await readRuleDirectory(there));
const changesOf = ({ changes }: Awaited<ReturnType<typeof planRules>>) =>
  changes.map(({ change, rule, from, to }) => `${change} ${rule.scope.kind} ${from}..${to ?? ''}`);
const edit = (path: string, change: (text: string) => string) => {
  const file = join(directory, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

describe('exported', () => {
  test('the book is one file a scope, and says what the live book says', async () => {
    const { files, written } = await exportRules(ctx, there);
    expect(files).toBe(3);
    expect(written).toEqual(['programme.toml', 'partner/acme.toml', 'instance/acme-shop.toml']);
    expect(await planRules(ctx, there)).toMatchObject({ changes: [], refusal: null });
    expect(await apply()).toEqual([]);
  });

  test('again nothing is written; what has no rules any more is removed; what is not ours is refused', async () => {
    expect(await exportRules(ctx, there)).toMatchObject({ written: [], removed: [] });
    await set('tier=gold', { percentage: '20%', from: '2026-01-01' });
    expect(await exportRules(ctx, there)).toMatchObject({ written: ['tier/gold.toml'], removed: [] });
    await endRule(ctx, { scope: parseScope('tier=gold'), on: '2026-01-01' });
    expect(await exportRules(ctx, there)).toMatchObject({ written: [], removed: ['tier/gold.toml'] });
    const foreign = emptyDirectory();
    writeFileSync(join(foreign, 'Cargo.toml'), '[package]\n');
    await expect(exportRules(ctx, { path: foreign, called: 'foreign' })).rejects.toMatchObject({
      code: 'rules_directory_foreign',
    });
    expect(readdirSync(foreign)).toEqual(['Cargo.toml']);
  });
});

describe('linted', () => {
  test('the live book and its files warn alike', async () => {
    const live = await lintLive(ctx);
    expect(live.map(({ code }) => code).sort()).toEqual(['unreachable', 'zero_overruled']);
    const filed = await lintDirectory(ctx, there);
    expect(filed.map(({ code }) => code).sort()).toEqual(live.map(({ code }) => code).sort());
    expect(filed.find(({ code }) => code === 'zero_overruled')).toMatchObject({
      file: 'partner/acme.toml',
      line: 8,
      column: 1,
    });
  });

  test('overlaps are found across files, and such a book is neither planned nor applied', async () => {
    writeFileSync(
      join(directory, 'more.toml'),
      'scope = "programme"\n[[rule]]\nfrom = 2026-06-01\npercentage = "1%"\n',
    );
    const errors = (await lintDirectory(ctx, there)).filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([{ code: 'overlap', file: 'more.toml', line: 3 }]);
    for (const attempt of [async () => await planRules(ctx, there), async () => await apply()]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'rules_invalid',
        exitCode: 2,
        message: expect.stringMatching(/^more\.toml:3:1 /),
      });
    }
    edit('more.toml', () => '# nothing\nscope = "programme"\n');
  });
});

describe('changed and applied', () => {
  test('the plan tells what is added, changed and ended, and its hash is the one of a dry run', async () => {
    edit('programme.toml', (text) => text.replace('"12%"', '"13%"'));
    edit('partner/acme.toml', (text) => text.replace('from = 2026-01-01', 'from = 2026-01-01\nto = 2026-10-01'));
    edit('more.toml', (text) => `${text}[[rule]]\nproduct = "new"\nflat = "1.00"\ncurrency = "EUR"\n`);
    const plan = await planRules(ctx, there);
    expect(changesOf(plan)).toEqual([
      'changed programme 2026-03-01..2026-04-01',
      'added programme null..',
      'ended partner 2026-10-01..',
    ]);
    const dry = await database.context({ dryRun: true });
    await apply(dry);
    expect(dry.report.plan).toBe(plan.plan);
    expect(changesOf(await planRules(ctx, there))).toHaveLength(3);
  });

  test('a plan of before is refused once the live book has changed', async () => {
    const { plan } = await planRules(ctx, there);
    await set('programme', { percentage: '14%', from: '2026-03-01', to: '2026-03-15' });
    const planned = await database.context({ plan: plan! });
    await expect(apply(planned)).rejects.toMatchObject({ code: 'plan_changed' });
    const again = await planRules(ctx, there);
    expect(again.plan).not.toBe(plan);
    await apply(await database.context({ plan: again.plan! }));
    expect(await planRules(ctx, there)).toMatchObject({ changes: [] });
  });

  test('all of it is one change', async () => {
    const rows = await ctx.db.sql`
      select count(*) from rule_versions where known_seq = (select max(known_seq) from rule_versions)`;
    expect(Number(rows[0]!['count'])).toBeGreaterThan(2);
  });

  test('where decided sales lie it is refused by name, and nothing of it is done', async () => {
    await recordRevenue(ctx, {
      createAccount: false,
      fields: {
        external_id: 'e-1',
        kind: 'payment',
        instance: 'acme-shop',
        net: '100.00',
        currency: 'EUR',
        occurred_at: '2026-10-05T12:00:00Z',
      },
    });
    await accrue(ctx, '2026-10-31');
    edit('programme.toml', (text) => text.replaceAll('"10%"', '"11%"'));
    const { refusal, plan, changes } = await planRules(ctx, there);
    expect(plan).toBeNull();
    expect(changes.length).toBeGreaterThan(0);
    expect(refusal).toMatchObject({
      code: 'decided_sales',
      message: expect.stringMatching(/^programme: one decided sale lies in this rule /),
    });
    await expect(apply()).rejects.toMatchObject({ code: 'decided_sales' });
    expect((await planRules(ctx, there)).changes).toEqual(changes);
  });
});

describe('blamed', () => {
  test('a remainder leads back to who first said it, and a change to what it replaced', async () => {
    const january = await blameRule(ctx, { scope: parseScope('programme') }, '2026-01-15');
    expect(january).toMatchObject({
      terms: { ratePpm: 100_000 },
      change: 'rule programme set from 2026-01-01 on',
      replaced: [],
    });
    expect(january.version).not.toBe(january.saidBy.version);
    const march = await blameRule(ctx, { scope: parseScope('programme') }, '2026-03-20');
    expect(march).toMatchObject({
      terms: { ratePpm: 130_000 },
      change: 'rules applied from files',
      replaced: [{ terms: { ratePpm: 120_000 } }],
    });
    await expect(blameRule(ctx, { scope: parseScope('programme') }, '2025-12-31')).rejects.toMatchObject({
      code: 'rule_not_found',
    });
  });
});
