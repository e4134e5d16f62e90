import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { PARTNER_STATUSES } from '../../src/domain/partner-status.ts';
import { activatePartner, archivePartner, freezePartner } from '../../src/services/partner/change-partner-status.ts';
import { createPartner } from '../../src/services/partner/create-partner.ts';
import { listPartners, showPartner } from '../../src/services/partner/list-partners.ts';
import { updatePartner } from '../../src/services/partner/update-partner.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { makeParties, somePartner } from './parties.ts';

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

const page = { limit: 100, offset: 0 };
const codes = async (filter: Parameters<typeof listPartners>[1]) =>
  (await listPartners(ctx, filter, page)).map(({ code }) => code);

describe('creating', () => {
  test('is active, or pending when asked', async () => {
    expect(await createPartner(ctx, somePartner('plain'))).toMatchObject({
      status: 'active',
      tier: null,
      parent: null,
      house: false,
    });
    expect(await createPartner(ctx, somePartner('waiting', { pending: true }))).toMatchObject({ status: 'pending' });
  });

  test('a tier and a parent are in force from the beginning of time, under one known_seq', async () => {
    const child = await createPartner(ctx, somePartner('acme-north', { tier: 'silver', parent: 'acme' }));
    expect(child).toMatchObject({ tier: 'silver', parent: 'acme' });
    const rows = await ctx.db.sql`
      select t.valid as tier_valid, p.valid as parent_valid, t.known_seq = p.known_seq as same_number
      from partner_tiers t join partner_parents p using (partner_id) where t.partner_id = ${child.id}`;
    expect([...rows]).toEqual([{ tier_valid: '(,)', parent_valid: '(,)', same_number: true }]);
  });

  test.each([
    [{ code: 'acme' }, 'partner_exists'],
    [{ tier: 'lead' }, 'tier_not_found'],
    [{ parent: 'nobody' }, 'partner_not_found'],
    [{ parent: 'acme-north' }, 'parent_refused'],
    [{ parent: 'acme', type: 'affiliate' as const }, 'parent_refused'],
    [{ currency: 'DEM' }, 'currency_unknown'],
    [{ currency: 'HRK' }, 'currency_withdrawn'],
    [{ contractFrom: '2026-02-01', contractTo: '2026-02-01' }, 'contract_dates'],
  ])('%j is refused as %s, and leaves nothing', async (more, code) => {
    await expect(createPartner(ctx, somePartner('refused', more))).rejects.toMatchObject({ code });
    await expect(showPartner(ctx, 'refused')).rejects.toMatchObject({ code: 'partner_not_found' });
  });
});

describe('listing', () => {
  test('by status, type, tier and tenant', async () => {
    expect(await codes({ status: 'pending' })).toEqual(['waiting']);
    expect(await codes({ type: 'affiliate' })).toEqual(['blogly']);
    expect(await codes({ tier: 'gold' })).toEqual(['acme']);
    expect(await codes({ tenant: 'northwind' })).toEqual(['acme', 'blogly']);
    expect(await codes({ tenant: 'gulf', tier: 'silver' })).toEqual([]);
  });

  test('a filter that names nothing is an error, not an empty list', async () => {
    await expect(codes({ tenant: 'norhtwind' })).rejects.toMatchObject({ code: 'tenant_not_found' });
    await expect(codes({ tier: 'goldd' })).rejects.toMatchObject({
      code: 'tier_not_found',
      hint: "did you mean 'gold'?",
    });
  });

  test('the tier is the one of today', async () => {
    const { id } = await showPartner(ctx, 'plain');
    await database.admin().transaction(async ({ sql }) => {
      await sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
        select ${id}, 'diamond', daterange('2027-01-01', null), draw_known_seq('later')`;
    });
    expect((await showPartner(ctx, 'plain')).tier).toBeNull();
    const later = await database.context({ now: Date.UTC(2027, 0, 1) });
    expect((await showPartner(later, 'plain')).tier).toBe('diamond');
  });
});

describe('updating', () => {
  test('changes what differs, takes away what is null, and leaves the rest', async () => {
    const first = await updatePartner(ctx, 'plain', {
      email: 'a@b.example',
      contact: 'Ada',
      contractFrom: '2026-01-01',
    });
    expect(first).toMatchObject({ changed: true, partner: { email: 'a@b.example', contact: 'Ada', name: 'plain' } });
    const second = await updatePartner(ctx, 'plain', { email: null, contact: 'Ada' });
    expect(second.partner).toMatchObject({ email: null, contact: 'Ada', contractFrom: '2026-01-01' });
    expect((await updatePartner(ctx, 'plain', { contact: 'Ada' })).changed).toBe(false);
  });

  test('checks the contract as a whole', async () => {
    await expect(updatePartner(ctx, 'plain', { contractTo: '2025-12-31' })).rejects.toMatchObject({
      code: 'contract_dates',
    });
  });
});

describe('statuses', () => {
  const openHolds = async (code: string) => [
    ...(await ctx.db
      .sql`select h.reason, h.note from open_holds h join partners p on p.id = h.partner_id where p.code = ${code} order by h.id`),
  ];

  test('a freeze holds, keeps its reason and is dated; activating releases it', async () => {
    expect(await freezePartner(ctx, 'blogly', 'address unconfirmed')).toMatchObject({ status: 'suspended' });
    const holds = await openHolds('blogly');
    expect(holds.every(({ reason }) => reason === 'partner_frozen')).toBe(true);
    expect(holds.map(({ note }) => note as string | null)).toContain('address unconfirmed');
    expect(await activatePartner(ctx, 'blogly')).toMatchObject({ status: 'active' });
    expect(await openHolds('blogly')).toEqual([]);
    const { statuses } = await showPartner(ctx, 'blogly');
    expect(statuses.map(({ status }) => status)).toEqual(['active', 'suspended', 'active']);
  });

  test('what the state machine forbids is refused before the database has to', async () => {
    await expect(activatePartner(ctx, 'acme')).rejects.toMatchObject({ code: 'partner_status_unchanged' });
    await freezePartner(ctx, 'acme', undefined);
    await expect(archivePartner(ctx, 'acme')).rejects.toMatchObject({ code: 'partner_transition' });
    await activatePartner(ctx, 'acme');
    expect(await archivePartner(ctx, 'waiting')).toMatchObject({ status: 'archived' });
    await expect(activatePartner(ctx, 'waiting')).rejects.toMatchObject({ hint: 'archived is final' });
    expect(PARTNER_STATUSES).toContain('terminated');
  });

  test('two who freeze at once: one does, the other is told that it is done', async () => {
    const other = await database.context({ actor: 'second' });
    const both = await Promise.allSettled(
      [ctx, other].map(async (one) => await freezePartner(one, 'plain', undefined)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'partner_status_unchanged' });
    expect(await openHolds('plain')).toHaveLength(1);
  });
});
