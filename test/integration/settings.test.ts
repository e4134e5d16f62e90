import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { listCommissions } from '../../src/services/commission/list-commissions.ts';
import { getSetting, listSettings, type SettingKey } from '../../src/services/settings/list-settings.ts';
import { setSetting, type NewSetting } from '../../src/services/settings/set-setting.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

/** Today is 21 November 2026. The tests tell one story, in order. */
let database: TestDatabase;
let ctx: OpenedContext;
let books: Books;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  books = await openBooks(ctx.db);
});
afterAll(async () => {
  expect(await overlaps()).toEqual([]);
  await database.drop();
});

const set = async (key: SettingKey, value: string, more: Omit<NewSetting, 'key' | 'value'> = {}) =>
  await setSetting(ctx, { key, value, ...more });
const on = async (key: SettingKey, at: string) => (await getSetting(ctx, key, { at })).value;

/** Live versions of one setting that overlap: the database excludes them. */
async function overlaps(): Promise<unknown[]> {
  return [
    ...(await database.admin().sql`
      select a.id from settings a join settings b on b.name = a.name and b.id > a.id and a.retired_seq is null and b.retired_seq is null
        and a.instance_id is not distinct from b.instance_id and a.valid && b.valid`),
  ];
}

describe('settings', () => {
  it('begins with the defaults of SEMANTICS §1', async () => {
    expect((await listSettings(ctx)).map(({ key, value }) => [key, value])).toEqual([
      ['approval', 'at_decision'],
      ['hold_days', '30'],
      ['review_threshold', null],
      ['minimum_payout', ['0.00 EUR']],
      ['recovery_share', '100%'],
      ['instrument_cooloff', '3'],
      ['fx_max_age_days', '4'],
      ['partner_levels', '1'],
      ['share_cap', null],
      ['tier_mode', 'auto'],
      ['tier_window', '1'],
      ['tier_grace', '2'],
      ['tier_tenure_months', '0'],
      ['customer_names', null],
      ['notices', null],
    ]);
  });

  it('changes from a day on, and keeps what was said before', async () => {
    expect(await set('hold_days', '45', { from: '2027-01-01' })).toMatchObject({
      changed: true,
      setting: { value: '45', from: '2027-01-01', to: null, setBy: 'tester' },
    });
    expect([await on('hold_days', '2026-12-31'), await on('hold_days', '2027-01-01')]).toEqual(['30', '45']);
    // What goes on being said keeps its author: a change of other days is not one of it.
    expect((await getSetting(ctx, 'hold_days')).setBy).not.toBe('tester');
    expect(await set('hold_days', '45', { from: '2027-02-01' })).toMatchObject({ changed: false });
    expect((await getSetting(ctx, 'hold_days')).versions.map(({ value, from, to }) => [value, from, to])).toEqual([
      ['30', null, null],
      ['30', null, '2027-01-01'],
      ['45', '2027-01-01', null],
    ]);
  });

  it('changes for a while', async () => {
    await set('hold_days', '10', { from: '2026-12-24', to: '2027-01-02' });
    const days = ['2026-12-23', '2026-12-24', '2027-01-01', '2027-01-02'];
    expect(await Promise.all(days.map(async (day) => await on('hold_days', day)))).toEqual(['30', '10', '10', '45']);
  });

  it('sets amounts one currency at a time, over whatever the others are', async () => {
    await set('minimum_payout', '50', { currency: 'EUR' });
    await set('minimum_payout', '20', { currency: 'USD', from: '2026-12-01', to: '2027-01-01' });
    await set('minimum_payout', '60', { currency: 'EUR', from: '2026-12-15' });
    expect(await on('minimum_payout', '2026-11-20')).toEqual(['0.00 EUR']);
    expect(await on('minimum_payout', '2026-11-21')).toEqual(['50.00 EUR']);
    expect(await on('minimum_payout', '2026-12-01')).toEqual(['50.00 EUR', '20.00 USD']);
    expect(await on('minimum_payout', '2026-12-15')).toEqual(['60.00 EUR', '20.00 USD']);
    expect(await on('minimum_payout', '2027-01-01')).toEqual(['60.00 EUR']);
    await set('minimum_payout', 'none', { currency: 'USD', from: '2026-12-20' });
    expect(await on('minimum_payout', '2026-12-20')).toEqual(['60.00 EUR']);
  });

  it('takes a threshold away again', async () => {
    await set('review_threshold', '5', { currency: 'EUR', from: '2026-12-01' });
    expect(await on('review_threshold', '2026-12-01')).toEqual(['5.00 EUR']);
    await set('review_threshold', 'none', { currency: 'EUR', from: '2026-12-01' });
    expect(await getSetting(ctx, 'review_threshold', { at: '2026-12-01' })).toMatchObject({ value: null, setBy: null });
    expect(await set('review_threshold', 'none', { currency: 'EUR' })).toMatchObject({ changed: false });
  });

  it('refuses what cannot be, and writes nothing of it', async () => {
    const before = (await getSetting(ctx, 'hold_days')).versions.length;
    await expect(set('hold_days', '45', { from: '2027-01-01', to: '2027-01-01' })).rejects.toMatchObject({
      code: 'window_empty',
    });
    await expect(set('approval', 'sometimes')).rejects.toMatchObject({ code: 'setting_value' });
    expect((await getSetting(ctx, 'hold_days')).versions).toHaveLength(before);
  });

  it('is said for one instance, which goes before the programme there and nowhere else', async () => {
    const at = async (instance?: string, day = '2027-03-01') => {
      const { value, scope } = await getSetting(ctx, 'hold_days', { instance, at: day });
      return [scope, value];
    };
    await set('hold_days', '30', { from: '2027-03-01' });
    await set('hold_days', '7', { instance: 'acme-uk', from: '2027-03-01', to: '2027-04-01' });
    expect(await at('acme-uk')).toEqual(['instance', '7']);
    expect(await at('acme-uk', '2027-04-01')).toEqual(['programme', '30']);
    expect(await at('acme-ie')).toEqual(['programme', '30']);
    expect(await at()).toEqual(['programme', '30']);
    // What the programme says afterwards counts where the instance says nothing.
    await set('hold_days', '20', { from: '2027-03-01' });
    expect(await at('acme-uk')).toEqual(['instance', '7']);
    await set('hold_days', 'none', { instance: 'acme-uk', from: '2027-03-10' });
    expect(await at('acme-uk', '2027-03-09')).toEqual(['instance', '7']);
    expect(await at('acme-uk', '2027-03-10')).toEqual(['programme', '20']);
    expect((await listSettings(ctx, { instance: 'acme-uk', at: '2027-03-01' })).map(({ scope }) => scope)).toContain(
      'instance',
    );
    expect((await getSetting(ctx, 'hold_days', { instance: 'acme-uk' })).versions[0]).toMatchObject({
      scope: 'instance',
      setBy: 'tester',
    });
    await expect(set('hold_days', 'none')).rejects.toMatchObject({ code: 'setting_value' });
    await expect(set('minimum_payout', '5', { currency: 'EUR', instance: 'acme-uk' })).rejects.toMatchObject({
      code: 'setting_of_programme',
    });
    await expect(set('hold_days', '5', { instance: 'acme-ukk' })).rejects.toMatchObject({ code: 'instance_not_found' });
  });

  it('tells on a dry run, and then does exactly that', async () => {
    const dry = await database.context({ dryRun: true });
    await setSetting(dry, { key: 'recovery_share', value: '50%' });
    expect(await on('recovery_share', '2026-11-21')).toBe('100%');
    const planned = await database.context({ plan: dry.report.plan! });
    await setSetting(planned, { key: 'recovery_share', value: '50%' });
    expect(await on('recovery_share', '2026-11-21')).toBe('50%');
  });

  it('lets two set at once, one after the other', async () => {
    const other = await database.context({ actor: 'other' });
    await Promise.all([
      set('minimum_payout', '5', { currency: 'CHF', from: '2028-01-01' }),
      setSetting(other, { key: 'minimum_payout', value: '6', currency: 'GBP', from: '2028-01-01' }),
    ]);
    expect(await on('minimum_payout', '2028-01-01')).toEqual(['5.00 CHF', '60.00 EUR', '6.00 GBP']);
  });

  it('leaves what is decided as it was decided', async () => {
    await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 1000 }]);
    await set('approval', 'review', { from: '2026-01-01' });
    await earn(ctx.db, books, [{ instance: 'acme-uk', amount: 2000 }]);
    const rows = await listCommissions(ctx, { limit: 9, offset: 0 });
    expect(rows.map(({ amount, status }) => `${amount} ${status}`)).toEqual(['10.00 approved', '20.00 pending']);
  });
});
