import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { calculateMetrics, showMetrics } from '../../src/services/metrics/calculate-metrics.ts';
import { partnerMetrics } from '../../src/services/metrics/partner-metrics.ts';
import { partnerDashboard } from '../../src/services/metrics/partner-dashboard.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { tierMeasures } from '../../src/db/queries/tier-standings.ts';
import { financialRows } from '../../src/db/queries/financials.ts';
import { attack, attackers, repels, type Logins } from '../attacks.ts';
import { decidedBooks } from '../decided-books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import { accrue } from '../support/accrual.ts';

const OCTOBER = { from: '2026-10-01', to: '2026-11-01' };
const page = { limit: 99, offset: 0 };

let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
});
afterAll(async () => await database.drop());

describe('a snapshot', () => {
  it('says of revenue and customers what tiers are evaluated by, and of commissions what financials say', async () => {
    const { rows } = await showAfter(OCTOBER);
    const [known] = await ctx.db.sql<{ seq: number }[]>`select max(known_seq)::int as seq from known_changes`;
    const measures = await ctx.db.transaction(async (tx) => await tierMeasures(tx, OCTOBER, known!.seq));
    for (const { partner, currency, revenue } of rows) {
      const [{ id }] = (await ctx.db.sql`select id::int from partners where code = ${partner}`) as unknown as [
        { id: number },
      ];
      const amount = measures.get(id)?.amounts.find((one) => one.currency === currency);
      expect(`${partner} ${revenue.replace('.', '')}`).toBe(
        `${partner} ${(amount?.minor ?? 0n).toString().padStart(3, '0')}`,
      );
      const financial = await financialRows(
        ctx.db,
        { partnerId: id },
        { window: OCTOBER, period: OCTOBER, until: null },
      );
      const commission = financial
        .filter((one) => one.currency === currency)
        .reduce((sum, one) => sum + BigInt(one.commission), 0n);
      const [told] = (await partnerMetrics(ctx, partner, OCTOBER)).filter((one) => one.currency === currency);
      expect(BigInt(told!.earned.replace('.', ''))).toBe(commission);
      expect(told!.totalCommissions).toBe(told!.earned);
    }
    expect(rows.length).toBeGreaterThan(1);
  });

  it('stays what it was when more comes in of its period, and comes out the same again', async () => {
    const before = (await showAfter(OCTOBER)).rows;
    await recordRevenue(ctx, {
      fields: {
        ...{ external_id: 'late-1', instance: 'acme-uk', kind: 'payment', net: '50.00', currency: 'EUR' },
        occurred_at: '2026-10-20',
      },
    });
    await accrue(ctx, '2026-11-21');
    const { checks } = await runDoctor(ctx, { only: ['metrics_recomputed'] });
    expect(checks).toMatchObject([{ name: 'metrics_recomputed', result: 'ok' }]);
    expect((await showMetrics(ctx, { period: OCTOBER }, page)).rows).toEqual(before);
    expect((await showAfter(OCTOBER)).rows).not.toEqual(before);
  });

  it('is told on a partner’s screen', async () => {
    const told = await partnerDashboard(ctx, 'acme');
    expect(told.rank).toMatch(/^1 of \d in EUR$/);
    for (const { earned, paid, outstanding } of told.figures) {
      expect(Number(earned) - Number(paid)).toBeCloseTo(Number(outstanding), 9);
    }
  });
});

async function showAfter(period: typeof OCTOBER) {
  await calculateMetrics(ctx, period);
  return await showMetrics(ctx, { period }, page);
}

describe('figures', () => {
  let logins: Logins;
  let other: TestDatabase;
  beforeAll(async () => {
    other = await testDatabase();
    logins = await attackers(other);
    await decidedBooks(await other.context());
    await logins.operator.sql`select take_metrics('2026-10-01', '2026-11-01')`;
  });
  afterAll(async () => await other.drop());

  repels(
    () => ({ logins }),
    [
      attack(
        'writes figures by hand',
        ['42501', null],
        ({ sql }) => sql`
        insert into partner_metrics select 1, id, 'EUR' from partners`,
      ),
      attack('changes figures', ['42501', 'RV001'], ({ sql }) => sql`update partner_metrics set revenue_minor = 0`),
      attack('takes figures away', ['42501', 'RV001'], ({ sql }) => sql`delete from partner_metrics`),
      attack(
        'says that they are of another moment',
        ['42501', 'RV001'],
        ({ sql }) => sql`
        update metric_snapshots set known_seq = 1`,
      ),
      attack(
        'makes a snapshot of its own',
        ['42501', null],
        ({ sql }) => sql`
        insert into metric_snapshots (period_from, period_to) values ('2026-10-01', '2026-11-01')`,
      ),
      attack(
        'counts a period to come',
        ['RV029', 'RV029'],
        ({ sql }) => sql`select take_metrics('2099-01-01', '2099-02-01')`,
      ),
      attack('counts no day', ['23514', '23514'], ({ sql }) => sql`select take_metrics('2026-10-01', '2026-10-01')`),
    ],
  );
});
