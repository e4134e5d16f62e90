import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parsePeriod } from '../../src/domain/dates.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { listStatements, showStatement } from '../../src/services/statement/list-statements.ts';
import { verifyStatements } from '../../src/services/statement/verify-statements.ts';
import { voidStatement } from '../../src/services/statement/void-statement.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import { accrue } from '../support/accrual.ts';

const page = { limit: 99, offset: 0 };
const month = (text: string) => parsePeriod(text, '2026-11-21');

let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
});
afterAll(async () => await database.drop());

describe('statements', () => {
  it('open with what the ones before them closed with, and close with what wallets hold and what is on its way', async () => {
    for (const period of ['2026-08', '2026-09', '2026-10']) await generateStatements(ctx, { period: month(period) });
    const all = await listStatements(ctx, {}, page);
    expect(all.map(({ number }) => number)).toEqual(all.map((_, at) => `ST${String(at + 1).padStart(6, '0')}`));
    const wallets = await listWallets(ctx, { asOf: '2026-10-31' });
    const october = all.filter(({ periodFrom }) => periodFrom === '2026-10-01');
    expect(october.length).toBeGreaterThan(1);
    for (const { partner, currency, opening, closing } of october) {
      const before = all.find(
        (one) => one.partner === partner && one.currency === currency && one.periodLast === '2026-09-30',
      );
      expect(opening).toBe(before?.closing ?? (currency === 'JPY' ? '0' : '0.00'));
      const held = wallets
        .filter((wallet) => wallet.partner === partner && wallet.currency === currency)
        .reduce((sum, { balance, inTransit }) => sum + minor(balance) + minor(inTransit), 0n);
      expect(minor(closing)).toBe(held);
    }
  });

  it('tell in detail what they sum up', async () => {
    for (const { number } of await listStatements(ctx, {}, page)) {
      const { content } = await showStatement(ctx, Number(number.slice(2)));
      const sum = (rows: readonly { readonly amount: string }[]) =>
        rows.reduce((total, { amount }) => total + BigInt(amount), 0n);
      expect(sum(content.groups)).toBe(BigInt(content.totals.entries));
      expect(sum(content.rejections)).toBe(BigInt(content.totals.rejected));
      expect(sum(content.standing)).toBe(BigInt(content.totals.wallet));
      expect(content.instances.reduce((total, { closing }) => total + BigInt(closing), 0n)).toBe(
        BigInt(content.totals.closing),
      );
    }
  });

  it('come out again, and are made once', async () => {
    expect((await generateStatements(ctx, { period: month('2026-10') })).made).toBe(0);
    const verified = await verifyStatements(ctx, {});
    expect(verified.length).toBeGreaterThan(1);
    expect(verified.filter(({ intact, proved, current }) => !intact || !proved || current !== true)).toEqual([]);
  });

  it('count a payout as paid when it completed, and one that failed not at all', async () => {
    const rows = await ctx.db.sql<{ partner: string; totals: Record<string, string> }[]>`
      select p.code as partner, statement_totals(p.id, w.currency, '2026-10-01', '2099-01-01', clock_timestamp(), pg_current_snapshot()) as totals
      from (select distinct partner_id, currency from ledger_accounts where type = 'wallet') w join partners p on p.id = w.partner_id`;
    for (const { totals } of rows) {
      const of = (name: string) => BigInt(totals[name]!);
      const sum =
        of('opening') + of('entries') - of('rejected') - of('paid') - of('withheld') - of('fees') + of('returned');
      expect(sum).toBe(of('closing'));
      expect(of('wallet') + of('in_transit')).toBe(of('closing'));
    }
    const paid = new Map<string, bigint>();
    for (const { partner, totals } of rows) paid.set(partner, (paid.get(partner) ?? 0n) + BigInt(totals['paid']!));
    expect(paid.get('acme')).toBeGreaterThan(0n);
    expect(paid.get('zenith')).toBe(0n);
    expect(rows.some(({ totals }) => totals['rejected'] !== '0')).toBe(true);
  });

  it('are outdated by what is posted into their period, and corrected by another that refers to them', async () => {
    await recordRevenue(ctx, {
      fields: {
        ...{ external_id: 'late-1', instance: 'acme-uk', kind: 'payment', net: '50.00', currency: 'EUR' },
        occurred_at: '2026-10-20',
      },
    });
    await accrue(ctx, '2026-11-21');
    const outdated = (await verifyStatements(ctx, {})).filter(({ current }) => current === false);
    expect(outdated.map(({ partner, proved, intact }) => ({ partner, proved, intact }))).toEqual([
      { partner: 'acme', proved: true, intact: true },
    ]);
    const warned = (await runDoctor(ctx)).checks.filter(({ group }) => group === 'statements');
    expect(warned.map(({ name, result }) => `${name} ${result}`)).toContain('statements_outdated warning');
    expect(warned.filter(({ result }) => result === 'difference')).toEqual([]);

    const old = outdated[0]!;
    await voidStatement(ctx, { number: Number(old.number.slice(2)), reason: 'a payment came late' });
    const { made, statements } = await generateStatements(ctx, { period: month('2026-10'), partner: 'acme' });
    expect(made).toBe(1);
    expect(statements.find(({ currency }) => currency === old.currency)).toMatchObject({
      corrects: old.number,
      closing: old.closingNow,
    });
    await expect(voidStatement(ctx, { number: Number(old.number.slice(2)), reason: 'again' })).rejects.toMatchObject({
      code: 'statement_void',
    });
  });

  it('are refused where they would not meet the next one', async () => {
    const september = (await listStatements(ctx, { partner: 'acme' }, page)).filter(
      ({ periodFrom }) => periodFrom === '2026-09-01',
    );
    await recordRevenue(ctx, {
      fields: {
        ...{ external_id: 'late-2', instance: 'acme-uk', kind: 'payment', net: '70.00', currency: 'EUR' },
        occurred_at: '2026-09-20',
      },
    });
    await accrue(ctx, '2026-11-21');
    for (const { number } of september) await voidStatement(ctx, { number: Number(number.slice(2)), reason: 'late' });
    await expect(generateStatements(ctx, { period: month('2026-09'), partner: 'acme' })).rejects.toMatchObject({
      code: 'statement_differs',
    });
  });
});

const minor = (amount: string) => BigInt(amount.replace('.', ''));
