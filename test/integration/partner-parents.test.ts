import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { createPartner } from '../../src/services/partner/create-partner.ts';
import { showPartner } from '../../src/services/partner/list-partners.ts';
import { updatePartner } from '../../src/services/partner/update-partner.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { makeParties, somePartner } from './parties.ts';

/** Who stands above whom, by dates (SEMANTICS §1): the hierarchy of a sale's date decides it. */
let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await makeParties(ctx);
  for (const code of ['north', 'south', 'west']) await createPartner(ctx, somePartner(code));
});
afterAll(async () => {
  await database.drop();
});

const place = async (partner: string, parent: string | null, from = '2026-12-01') =>
  await updatePartner(ctx, partner, { place: { parent, from } });
const hierarchy = async (code: string) =>
  (await showPartner(ctx, code)).hierarchy.map(
    ({ partner, parent, valid: { from, to } }) => `${partner} < ${parent} ${from ?? ''}..${to ?? ''}`,
  );

test('a parent is dated: what was before stays, and the same again is no change', async () => {
  expect(await place('acme', 'north', '2026-12-01')).toMatchObject({ changed: true, partner: { parent: null } });
  expect(await place('acme', 'south', '2027-06-01')).toMatchObject({ changed: true });
  expect(await place('acme', 'south', '2027-07-01')).toMatchObject({ changed: false });
  expect(await place('acme', null, '2028-01-01')).toMatchObject({ changed: true });
  expect(await hierarchy('acme')).toEqual([
    'acme < north 2026-12-01..2027-06-01',
    'acme < south 2027-06-01..2028-01-01',
  ]);
  expect(await hierarchy('south')).toEqual(['acme < south 2027-06-01..2028-01-01']);
  expect(await place('acme', null, '2026-12-01')).toMatchObject({ changed: true });
  expect(await hierarchy('acme')).toEqual([]);
});

describe('refused, leaving nothing', () => {
  test('oneself, who is no reseller, a circle, and more levels than there are', async () => {
    await expect(place('acme', 'acme')).rejects.toMatchObject({
      code: 'parent_refused',
      message: 'a partner never stands under itself',
    });
    await expect(place('blogly', 'acme')).rejects.toMatchObject({ code: 'parent_refused' });
    await expect(place('acme', 'nobody')).rejects.toMatchObject({ code: 'partner_not_found' });
    await place('acme', 'north', '2027-01-01');
    await expect(place('north', 'south', '2027-01-01')).rejects.toMatchObject({ code: 'hierarchy', exitCode: 3 });
    await expect(place('south', 'acme', '2027-01-01')).rejects.toMatchObject({
      code: 'parent_refused',
      message: 'acme itself stands under a partner, and the programme has one level only',
    });
    await setSetting(ctx, { key: 'partner_levels', value: '2' });
    await place('north', 'south', '2027-01-01');
    await expect(place('south', 'west', '2027-01-01')).rejects.toMatchObject({ code: 'hierarchy' });
    await setSetting(ctx, { key: 'partner_levels', value: '4' });
    await expect(place('south', 'acme', '2027-01-01')).rejects.toMatchObject({
      code: 'hierarchy',
      message: 'a partner never stands under itself',
    });
    expect(await hierarchy('south')).toEqual(['north < south 2027-01-01..']);
    await expect(setSetting(ctx, { key: 'partner_levels', value: '16' })).rejects.toMatchObject({
      code: 'setting_value',
    });
  });

  test('a day from which on sales are decided that pay those above', async () => {
    const pay = async (id: string, day: string) => {
      const fields = { external_id: id, kind: 'payment', instance: 'acme-shop', net: '100.00', currency: 'EUR' };
      await recordRevenue(ctx, { fields: { ...fields, occurred_at: day } });
    };
    const scope = { kind: 'programme' } as const;
    await setRule(ctx, { scope, percentage: '10%', from: '2026-01-01' });
    await pay('before', '2026-09-01');
    await accrue(ctx, '2026-09-30');
    // Nothing pays those above in September, so nobody minds who they are.
    expect(await place('acme', 'west', '2026-09-01')).toMatchObject({ changed: true });
    await setRule(ctx, { scope, level: 1, percentage: '5%', from: '2026-10-01' });
    await pay('own', '2026-10-05');
    await accrue(ctx, '2026-10-31');
    await expect(place('acme', null, '2026-10-05')).rejects.toMatchObject({
      code: 'decided_sales',
      hint: 'choose --from 2026-10-06 or later',
      message: expect.stringMatching(/^one decided sale lies with acme or below it, where rules pay those above,/),
    });
    await expect(place('west', 'south', '2026-10-05')).rejects.toMatchObject({ code: 'decided_sales' });
    expect(await place('acme', null, '2026-10-06')).toMatchObject({ changed: true });
    await pay('alone', '2026-10-06');
    await accrue(ctx, '2026-11-21');
    const rows = await ctx.db.sql`select e.external_id as event, n.leg, n.amount_minor::int as amount
      from entries n join revenue_events e on e.id = n.event_id where n.amount_minor <> 0 order by e.id, n.leg`;
    expect(rows.map(({ event, leg, amount }) => `${event}.${leg} ${amount}`)).toEqual([
      'before.0 1000', 'own.0 1000', 'own.1 500', 'alone.0 1000',
    ]); // prettier-ignore
    const { checks } = await runDoctor(ctx);
    expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  });
});
