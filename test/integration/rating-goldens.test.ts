import { beforeEach, describe, expect, it } from 'vitest';
import { closeWindowsJob } from '../../jobs/close-windows.ts';
import type { OpenedContext } from '../../src/app.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { explainCommission } from '../../src/services/commission/explain-commission.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { drawKnownSeq, type Books } from '../books.ts';
import { accrue, offences } from '../support/accrual.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { entriesOf, GOLDEN_BRACKETS, ratingBooksOfEachTest } from '../support/rating-books.ts';

/** SEMANTICS §5 from recorded events to posted entries. */
let ctx: OpenedContext;
let books: Books;
const { record, setRules } = ratingBooksOfEachTest((opened) => ({ maker: ctx, books } = opened));

const close = async (date: string) => (await runJob(ctx, closeWindowsJob, date)).summary;

/** Nothing is wrong with the books, and every entry can be explained. */
async function expectSound(): Promise<void> {
  expect(await offences(ctx.db)).toEqual([]);
  await expectCleanDoctor(ctx);
  const decided = await ctx.db.sql<{ id: string }[]>`
    select distinct event_id::text as id from entries order by 1`;
  for (const { id } of decided) expect(await explainCommission(ctx, id)).toMatchObject({ decided: true });
}

describe('brackets 4 %, from 200.00 6 %, from 400.00 8 %', () => {
  it('marginal on 500.00: 28.00, in one sale or in several', async () => {
    await setRules({ says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal' } });
    await record(
      { id: 'october', on: '2026-10-05', net: 50_000 },
      { id: 'a', on: '2026-11-02', net: 30_000 },
      { id: 'b', on: '2026-11-03', net: 20_000 },
    );
    await accrue(ctx, '2026-11-30');
    expect(await entriesOf(ctx.db)).toEqual(['october 28.00', 'a 14.00', 'b 14.00']);
    await expectSound();
  });

  it('whole on 300 + 200: 12.00, 8.00, true-up 20.00; a later refund of 150: −6.00, true-up −13.00', async () => {
    await setRules({ says: { ...GOLDEN_BRACKETS, bracket_mode: 'whole' } });
    const sale = { sale: 'S-1', worth: 30_000 };
    await record({ id: 'a', on: '2026-10-05', net: 30_000, of: sale }, { id: 'b', on: '2026-10-06', net: 20_000 });
    await accrue(ctx, '2026-10-31');
    // The window is open until its last day is over, and when nothing has moved it is left alone.
    expect(await close('2026-10-30')).toMatchObject({ windows: 0, posting: null });
    expect(await close('2026-10-31')).toMatchObject({ windows: 1, events: 1 });
    expect(await close('2026-11-01')).toMatchObject({ windows: 0 });
    await record({ id: 'back', on: '2026-11-10', net: -15_000, of: sale });
    await accrue(ctx, '2026-11-10');
    expect(await close('2026-11-10')).toMatchObject({ windows: 1 });
    expect(await close('2026-11-11')).toMatchObject({ windows: 0 });
    expect(await entriesOf(ctx.db)).toEqual(['a 12.00', 'b 8.00', 'true-up 20.00', 'back -6.00', 'true-up -13.00']);
    await expectSound();
  });

  it('a true-up is split over instances by largest remainder, and one that finds nothing says so', async () => {
    await setRules({ says: { ...GOLDEN_BRACKETS, bracket_mode: 'whole' } });
    const ireland = books.instance['acme-ie']!;
    await record(
      { id: 'uk', on: '2026-10-05', net: 30_001 },
      { id: 'ie', on: '2026-10-06', net: 20_000, instanceId: ireland },
      { id: 'small', on: '2026-11-06', net: 100 },
    );
    await accrue(ctx, '2026-11-30');
    expect(await close('2026-11-30')).toMatchObject({ windows: 2, events: 3 });
    // Pieces are in the order of their instances, and which of these two was made first is the server's to say.
    const october = ['true-up 12.00', 'true-up 8.00'];
    expect(await entriesOf(ctx.db)).toEqual([
      'uk 12.00',
      'ie 8.00',
      'small 0.04',
      ...(books.instance['acme-uk']! < ireland ? october : october.reverse()),
      'true-up 0.00 unchanged',
    ]);
    await expectSound();
  });
});

describe('limits', () => {
  it('let no wider rule step in, and a rule whose amounts are in another currency decides 0', async () => {
    const at = { scope: 'partner', scopeId: books.partner['acme']! } as const;
    await setRules(
      { says: { kind: 'percentage', rate_ppm: 200_000 } },
      {
        ...at,
        says: { kind: 'percentage', rate_ppm: 100_000, min_sale_minor: 5_000, cap_sale_minor: 1_500, currency: 'EUR' },
      },
    );
    await record(
      { id: 'small', on: '2026-10-05', net: 4_999 },
      { id: 'enough', on: '2026-10-05', net: 5_000 },
      { id: 'capped', on: '2026-10-06', net: 20_000 },
      { id: 'dollars', on: '2026-10-06', net: 20_000, currency: 'USD' },
      { id: 'back', on: '2026-10-07', net: -20_000, currency: 'USD' },
      { id: 'more', on: '2026-10-07', net: 20_000, kind: 'adjustment' },
    );
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual([
      'small 0.00 below_minimum_sale',
      'enough 5.00',
      'capped 15.00',
      'dollars 0.00 rule_currency',
      'back -20.00 unlinked_credit',
      'more 20.00 unlinked_credit',
    ]);
    await expectSound();
  });

  it('of products, territory and margin', async () => {
    const [goods, postage] = [books.product['goods']!, books.product['postage']!];
    await setRules({ says: { kind: 'hybrid', rate_ppm: 100_000, flat_minor: 50, currency: 'EUR', base: 'margin', limit_products: `{${goods}}`, territory: '{DE}' } }); // prettier-ignore
    await record(
      { id: 'post', on: '2026-10-05', net: 10_000, productId: postage },
      { id: 'abroad', on: '2026-10-05', net: 10_000, productId: goods },
      { id: 'costless', on: '2026-10-05', net: 10_000, productId: goods, country: 'DE' },
      { id: 'good', on: '2026-10-06', net: 10_000, productId: goods, country: 'DE', wholesaleNetMinor: 6_000 },
    );
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual([
      'post 0.00 product_limit',
      'abroad 0.00 territory',
      'costless 0.00 no_base',
      'good 4.50',
    ]);
    await expectSound();
  });

  it('of attribution slots: net, gross and flat are split, and nothing is lost', async () => {
    await setRules({ says: { kind: 'hybrid', rate_ppm: 100_000, flat_minor: 101, currency: 'EUR' } });
    const accountId = books.account['acme-uk/C1']!;
    await ctx.db.transaction(async (tx) => {
      const seq = await drawKnownSeq(tx, 'slots');
      await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
        (${accountId}, 0, ${books.partner['acme']!}, 333334, daterange(null, null), ${seq}),
        (${accountId}, 3, ${books.partner['zenith']!}, 666666, daterange(null, null), ${seq})`;
    });
    await record({ id: 'a', on: '2026-10-05', net: 10_001, accountId });
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual(['a 3.67', 'a.48 7.34']);
    expect(await ctx.db.sql`select sum(base_minor) as base from entries`).toEqual([{ base: '10001' }]);
    await expectSound();
  });
});

describe('overrides', () => {
  beforeEach(async () => {
    await ctx.db.transaction(async (tx) => {
      const seq = await drawKnownSeq(tx, 'zenith stands above acme');
      await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
        values (${books.partner['acme']!}, ${books.partner['zenith']!}, daterange(null, null), ${seq})`;
    });
  });

  it('base 100.00, reseller 10 % → 10.00, parent 5 % of the rest → 4.50; full refund −10.00, −4.50', async () => {
    await setRules(
      { says: { kind: 'percentage', rate_ppm: 100_000 } },
      { level: 1, says: { kind: 'percentage', rate_ppm: 50_000, on_rest: true } },
    );
    const sale = { sale: 'S-1', worth: 10_000 };
    await record(
      { id: 'a', on: '2026-10-05', net: 10_000, of: sale },
      { id: 'back', on: '2026-10-09', net: -10_000, of: sale },
    );
    await accrue(ctx, '2026-10-31', 1);
    expect(await entriesOf(ctx.db)).toEqual(['a 10.00', 'a.1 4.50', 'back -10.00', 'back.1 -4.50']);
    await expectSound();
  });

  it('of the full base 5.00', async () => {
    await setRules(
      { says: { kind: 'percentage', rate_ppm: 100_000 } },
      { level: 1, says: { kind: 'percentage', rate_ppm: 50_000 } },
    );
    await record({ id: 'a', on: '2026-10-05', net: 10_000 });
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual(['a 10.00', 'a.1 5.00']);
    await expectSound();
  });

  it('base 1.71 at 12.5 % → 0.21, 5 % of the rest 1.50 → 0.08', async () => {
    await setRules(
      { says: { kind: 'percentage', rate_ppm: 125_000 } },
      { level: 1, says: { kind: 'percentage', rate_ppm: 50_000, on_rest: true } },
    );
    await record({ id: 'a', on: '2026-10-05', net: 171 });
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual(['a 0.21', 'a.1 0.08']);
    await expectSound();
  });

  it('above the programme’s cap the highest level is cut first', async () => {
    await setRules(
      { says: { kind: 'percentage', rate_ppm: 100_000 } },
      { level: 1, says: { kind: 'percentage', rate_ppm: 50_000 } },
    );
    await setSetting(ctx, { key: 'share_cap', value: '12%', from: '2026-01-01' });
    await record({ id: 'a', on: '2026-10-05', net: 10_000 });
    await accrue(ctx, '2026-10-31');
    expect(await entriesOf(ctx.db)).toEqual(['a 10.00', 'a.1 2.00']);
    const [cut] = await ctx.db.sql`select uncapped_minor from entries where leg = 1`;
    expect(cut).toEqual({ uncapped_minor: '500' });
    await expectSound();
  });
});

describe('the earning clock', () => {
  const months = async (count: number, first: string, ...later: string[]) => {
    await setRules({ says: { kind: 'percentage', rate_ppm: 100_000, earning_months: count } });
    const accountId = books.account['acme-uk/C1']!;
    const sales = [first, ...later].map((on) => ({ id: on, on, net: 10_000, accountId }));
    await record(...sales, { id: 'nobody', on: later.at(-1)!, net: 10_000 });
    await accrue(ctx, '2026-12-31', 1);
    await expectSound();
    return await entriesOf(ctx.db);
  };

  it('twelve months from a first sale on 31 January 2025: 30 January 2026 earns, 31 January 2026 does not', async () => {
    expect(await months(12, '2025-01-31', '2026-01-30', '2026-01-31')).toEqual([
      '2025-01-31 10.00',
      '2026-01-30 10.00',
      '2026-01-31 0.00 earning_ended',
      'nobody 0.00 no_account',
    ]);
  });

  it('an account that was won before any rule had months earns on; one won since does not', async () => {
    const [old, fresh] = [books.account['acme-uk/C1']!, books.account['zenith-de/C1']!];
    await record({ id: 'won', on: '2025-01-31', net: 10_000, accountId: old });
    await accrue(ctx, '2025-12-31');
    await setRule(ctx, { scope: { kind: 'programme' }, percentage: '10%', earningMonths: 1, from: '2026-01-01' });
    const zenith = { accountId: fresh, instanceId: books.instance['zenith-de']! };
    await record(
      { id: 'new', on: '2026-01-02', net: 10_000, ...zenith },
      { id: 'on', on: '2026-06-01', net: 10_000, accountId: old },
      { id: 'over', on: '2026-06-01', net: 10_000, ...zenith },
    );
    await accrue(ctx, '2026-12-31');
    expect(await entriesOf(ctx.db)).toEqual(['won 10.00', 'new 10.00', 'on 10.00', 'over 0.00 earning_ended']);
    await expectSound();
  });

  it('one month: 27 February earns, 28 February does not', async () => {
    expect(await months(1, '2025-01-31', '2025-02-27', '2025-02-28')).toEqual([
      '2025-01-31 10.00',
      '2025-02-27 10.00',
      '2025-02-28 0.00 earning_ended',
      'nobody 0.00 no_account',
    ]);
  });
});
