import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { drawKnownSeq, insertRule } from '../books.ts';
import { testDatabase } from '../database.ts';
import { PARTNER_STATUSES, PARTNER_TRANSITIONS } from '../../src/domain/partner-status.ts';

let scene: BooksScene;
beforeAll(async () => {
  scene = await openScene(await testDatabase());
});
afterAll(async () => await scene.database.drop());

describe('who is who (SEMANTICS §1)', () => {
  repels(
    () => scene,
    [
      attack(
        'changes the founding partner of an instance',
        ['42501', 'RV001'],
        ({ sql }, { books }) =>
          sql`update instances set partner_id = ${books.partner['zenith']!} where code = 'acme-uk'`,
      ),
      attack(
        'moves an instance to another tenant',
        ['42501', 'RV001'],
        ({ sql }) => sql`update instances set tenant_id = tenant_id + 1 where code = 'acme-uk'`,
      ),
      attack('makes a second agreement beside the one in force', '23P01', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into agreements (instance_id, partner_id, valid, known_seq)
            values (${books.instance['acme-uk']!}, ${books.partner['zenith']!}, daterange('2027-01-01', null), ${seq})`;
      }),
      attack(
        'changes the partner of an agreement',
        ['42501', 'RV001'],
        ({ sql }, { books }) => sql`update agreements set partner_id = ${books.partner['zenith']!}`,
      ),
      attack('gives a partner two tiers at once', '23P01', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq) values
            (${books.partner['acme']!}, 'gold', daterange('2026-01-01', '2026-03-01'), ${seq}),
            (${books.partner['acme']!}, 'silver', daterange('2026-02-01', null), ${seq})`;
      }),
      attack('gives a partner two parents at once', '23P01', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq) values
            (${books.partner['acme']!}, ${books.partner['zenith']!}, daterange(null, null), ${seq}),
            (${books.partner['acme']!}, ${books.partner['frosty']!}, daterange('2026-02-01', null), ${seq})`;
      }),
      attack(
        'names a tenant at length',
        '23514',
        ({ sql }) => sql`insert into tenants (code, name) values ('long', repeat('x', 201))`,
      ),
      attack(
        'renames a partner at length',
        '23514',
        ({ sql }) => sql`update partners set name = repeat('x', 201) where code = 'acme'`,
      ),
      attack(
        'names an instance at length',
        '23514',
        ({ sql }, { books }) => sql`
        insert into instances (code, name, tenant_id, partner_id)
        values ('long', repeat('x', 201), ${books.tenant}, ${books.partner['acme']!})`,
      ),
      attack('makes a partner its own parent', '23514', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
            values (${books.partner['acme']!}, ${books.partner['acme']!}, daterange(null, null), ${seq})`;
      }),
      attack('shares an account out to 99 %', 'RV005', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
            (${books.account['acme-uk/C1']!}, 0, ${books.partner['acme']!}, 500000, daterange(null, null), ${seq}),
            (${books.account['acme-uk/C1']!}, 1, ${books.partner['zenith']!}, 490000, daterange(null, null), ${seq})`;
      }),
      attack('shares an account out to 100 % today and to 60 % from next year', 'RV005', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
            (${books.account['acme-uk/C1']!}, 0, ${books.partner['acme']!}, 600000, daterange(null, null), ${seq}),
            (${books.account['acme-uk/C1']!}, 1, ${books.partner['zenith']!}, 400000, daterange(null, '2027-01-01'), ${seq})`;
      }),
      attack(
        'has two accounts of one code in an instance',
        '23505',
        ({ sql }, { books }) =>
          sql`insert into accounts (instance_id, code) values (${books.instance['acme-uk']!}, 'C1')`,
      ),
      attack(
        'lets a partner begin as suspended',
        'RV004',
        ({ sql }) =>
          sql`insert into partners (code, name, type, status, currency) values ('x', 'X', 'reseller', 'suspended', 'EUR')`,
      ),
      attack(
        'makes a partner a house partner after the fact',
        ['42501', 'RV001'],
        ({ sql }) => sql`update partners set house = true where code = 'acme'`,
      ),
      attack(
        'lifts the hold of a partner who is still suspended',
        'RV004',
        ({ sql }) => sql`insert into hold_releases (hold_id) select id from open_holds where reason = 'partner_frozen'`,
      ),
      attack(
        'rewrites the history of a partner’s status',
        ['42501', 'RV001'],
        ({ sql }) => sql`update partner_status_changes set status = 'active'`,
      ),
      attack(
        'adds to the history of a partner’s status by hand',
        ['42501', null],
        ({ sql }, { books }) =>
          sql`insert into partner_status_changes (partner_id, status) values (${books.partner['acme']!}, 'archived')`,
      ),
    ],
  );

  it('moves a partner along the transitions of the domain and along no other', async () => {
    const admin = scene.database.admin();
    const wrong: string[] = [];
    for (const from of PARTNER_STATUSES) {
      for (const to of PARTNER_STATUSES.filter((status) => status !== from)) {
        await admin.sql.unsafe(`begin; set local session_replication_role = replica;
          update partners set status = '${from}' where code = 'zenith'; commit`);
        const state = await refusal(
          scene.logins.operator,
          async ({ sql }) => await sql`update partners set status = ${to} where code = 'zenith'`,
        );
        if (state !== (PARTNER_TRANSITIONS[from].includes(to) ? 'nothing' : 'RV004'))
          wrong.push(`${from} > ${to}: ${state}`);
      }
    }
    await admin.sql.unsafe(`begin; set local session_replication_role = replica;
      update partners set status = 'active' where code = 'zenith'; commit`);
    expect(wrong).toEqual([]);
  });
});

describe('rules and what was known when (SEMANTICS §3)', () => {
  repels(
    () => scene,
    [
      attack('sets a second rule version over the same days', '23P01', async (tx) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into rule_versions (rule_id, valid, known_seq, kind, rate_ppm)
            select rule_id, daterange('2026-05-01', null), ${seq}, 'percentage', 200000 from rule_versions`;
      }),
      attack(
        'makes a second rule of the same slot, scope and product',
        '23505',
        async (tx) => await insertRule(tx, { scope: 'programme', ratePpm: 50_000 }),
      ),
      attack('has two values of one setting at once', '23P01', async (tx) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into settings (name, value, valid, known_seq) values ('hold_days', '7', daterange('2026-01-01', null), ${seq})`;
      }),
      attack(
        'bears a version under a number that was never drawn',
        'RV002',
        ({ sql }, { books }) => sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
          values (${books.partner['acme']!}, 'gold', daterange(null, null), 999999)`,
      ),
      attack(
        'bears a version under a number drawn by an earlier transaction',
        'RV002',
        ({ sql }, { books }) => sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
          select ${books.partner['acme']!}, 'gold', daterange(null, null), max(known_seq) from known_changes`,
      ),
      attack('bears a version already retired', 'RV002', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq, retired_seq)
            values (${books.partner['acme']!}, 'gold', daterange(null, null), ${seq}, ${seq + 1})`;
      }),
      attack(
        'retires a version under a number of an earlier transaction',
        'RV002',
        ({ sql }) => sql`update rule_versions set retired_seq = (select max(known_seq) from known_changes)`,
      ),
      attack('retires a version twice', 'RV001', async (tx) => {
        await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
        await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
      }),
      attack('brings a retired version back', 'RV001', async (tx) => {
        await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
        await tx.sql`update rule_versions set retired_seq = null`;
      }),
      attack(
        'edits the rate of a version',
        ['42501', 'RV001'],
        ({ sql }) => sql`update rule_versions set rate_ppm = 900000`,
      ),
      attack('edits the rate of a version while retiring it', ['42501', 'RV001'], async (tx) => {
        await tx.sql`update rule_versions set rate_ppm = 900000, retired_seq = ${await drawKnownSeq(tx)}`;
      }),
      attack('edits what a rule applies to', ['42501', 'RV001'], ({ sql }) => sql`update rules set product_id = 1`),
      attack(
        'numbers a change by hand',
        ['42501', null],
        ({ sql }) => sql`insert into known_changes (known_seq, summary) values (1000000, 'ahead of time')`,
      ),
      attack(
        'rewrites what was known when',
        ['42501', 'RV001'],
        ({ sql }) => sql`update known_changes set transaction_id = pg_current_xact_id()`,
      ),
      attack(
        'sets a negative rate',
        '23514',
        async (tx, { books }) =>
          await insertRule(tx, { scope: 'partner', scopeId: books.partner['acme']!, ratePpm: -1 }),
      ),
      attack(
        'gives a flat rule no currency',
        '23514',
        async (tx, { books }) =>
          await insertRule(tx, { scope: 'partner', scopeId: books.partner['acme']!, flatMinor: 500 }),
      ),
      attack('sets a value that is no such setting’s', '23514', async (tx, { books }) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into settings (name, instance_id, value, valid, known_seq)
            values ('hold_days', ${books.instance['acme-uk']!}, '-1', daterange(null, null), ${seq})`;
      }),
      attack(
        'changes the zone of the programme',
        ['42501', 'RV001'],
        ({ sql }) => sql`update programme set zone = 'Europe/London'`,
      ),
      attack(
        'changes a currency',
        ['42501', null],
        ({ sql }) => sql`update currencies set minor_units = 3 where code = 'EUR'`,
      ),
    ],
  );

  it('has one number for two who draw at once', async () => {
    const one = scene.logins.operator;
    const other = await scene.database.as('attacking_second');
    const draw = async (db: typeof one) => await db.transaction(async (tx) => await drawKnownSeq(tx));
    const numbers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => await draw(index % 2 === 0 ? one : other)),
    );
    const sorted = [...numbers].sort((a, b) => a - b);
    expect(new Set(numbers).size).toBe(8);
    expect(sorted.at(-1)! - sorted[0]!).toBe(7);
  });

  it('does not let two at once share an account out twice', async () => {
    const other = await scene.database.as('attacking_second');
    const share = async (db: typeof other, slot: number) =>
      await db.transaction(async (tx) => {
        const seq = await drawKnownSeq(tx);
        await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq)
          values (${scene.books.account['zenith-de/C1']!}, ${slot}, ${scene.books.partner['zenith']!}, 1000000, daterange(null, null), ${seq})`;
      });
    const outcomes = await Promise.allSettled([share(scene.logins.operator, 0), share(other, 1)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')).toMatchObject({
      reason: { code: 'slots_do_not_sum' },
    });
  });
});
