import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, refusal, repels, type BooksScene } from '../attacks.ts';
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
      {
        what: 'changes the founding partner of an instance',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }, { books }) =>
          sql`update instances set partner_id = ${books.partner['zenith']!} where code = 'acme-uk'`,
      },
      {
        what: 'moves an instance to another tenant',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update instances set tenant_id = tenant_id + 1 where code = 'acme-uk'`,
      },
      {
        what: 'makes a second agreement beside the one in force',
        operator: '23P01',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into agreements (instance_id, partner_id, valid, known_seq)
            values (${books.instance['acme-uk']!}, ${books.partner['zenith']!}, daterange('2027-01-01', null), ${seq})`;
        },
      },
      {
        what: 'changes the partner of an agreement',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }, { books }) => sql`update agreements set partner_id = ${books.partner['zenith']!}`,
      },
      {
        what: 'gives a partner two tiers at once',
        operator: '23P01',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq) values
            (${books.partner['acme']!}, 'gold', daterange('2026-01-01', '2026-03-01'), ${seq}),
            (${books.partner['acme']!}, 'silver', daterange('2026-02-01', null), ${seq})`;
        },
      },
      {
        what: 'gives a partner two parents at once',
        operator: '23P01',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq) values
            (${books.partner['acme']!}, ${books.partner['zenith']!}, daterange(null, null), ${seq}),
            (${books.partner['acme']!}, ${books.partner['frosty']!}, daterange('2026-02-01', null), ${seq})`;
        },
      },
      {
        what: 'makes a partner its own parent',
        operator: '23514',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
            values (${books.partner['acme']!}, ${books.partner['acme']!}, daterange(null, null), ${seq})`;
        },
      },
      {
        what: 'shares an account out to 99 %',
        operator: 'RV005',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
            (${books.account['acme-uk/C1']!}, 0, ${books.partner['acme']!}, 500000, daterange(null, null), ${seq}),
            (${books.account['acme-uk/C1']!}, 1, ${books.partner['zenith']!}, 490000, daterange(null, null), ${seq})`;
        },
      },
      {
        what: 'shares an account out to 100 % today and to 60 % from next year',
        operator: 'RV005',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq) values
            (${books.account['acme-uk/C1']!}, 0, ${books.partner['acme']!}, 600000, daterange(null, null), ${seq}),
            (${books.account['acme-uk/C1']!}, 1, ${books.partner['zenith']!}, 400000, daterange(null, '2027-01-01'), ${seq})`;
        },
      },
      {
        what: 'has two accounts of one code in an instance',
        operator: '23505',
        by: ({ sql }, { books }) =>
          sql`insert into accounts (instance_id, code) values (${books.instance['acme-uk']!}, 'C1')`,
      },
      {
        what: 'lets a partner begin as suspended',
        operator: 'RV004',
        by: ({ sql }) =>
          sql`insert into partners (code, name, type, status, currency) values ('x', 'X', 'reseller', 'suspended', 'EUR')`,
      },
      {
        what: 'makes a partner a house partner after the fact',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update partners set house = true where code = 'acme'`,
      },
      {
        what: 'lifts the hold of a partner who is still suspended',
        operator: 'RV004',
        by: ({ sql }) =>
          sql`insert into hold_releases (hold_id) select id from open_holds where reason = 'partner_frozen'`,
      },
      {
        what: 'rewrites the history of a partner’s status',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update partner_status_changes set status = 'active'`,
      },
      {
        what: 'adds to the history of a partner’s status by hand',
        operator: '42501',
        owner: null,
        by: ({ sql }, { books }) =>
          sql`insert into partner_status_changes (partner_id, status) values (${books.partner['acme']!}, 'archived')`,
      },
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
      {
        what: 'sets a second rule version over the same days',
        operator: '23P01',
        by: async (tx) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into rule_versions (rule_id, valid, known_seq, kind, rate_ppm)
            select rule_id, daterange('2026-05-01', null), ${seq}, 'percentage', 200000 from rule_versions`;
        },
      },
      {
        what: 'makes a second rule of the same slot, scope and product',
        operator: '23505',
        by: async (tx) => await insertRule(tx, { scope: 'programme', ratePpm: 50_000 }),
      },
      {
        what: 'has two values of one setting at once',
        operator: '23P01',
        by: async (tx) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into settings (name, value, valid, known_seq) values ('hold_days', '7', daterange('2026-01-01', null), ${seq})`;
        },
      },
      {
        what: 'bears a version under a number that was never drawn',
        operator: 'RV002',
        by: ({ sql }, { books }) => sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
          values (${books.partner['acme']!}, 'gold', daterange(null, null), 999999)`,
      },
      {
        what: 'bears a version under a number drawn by an earlier transaction',
        operator: 'RV002',
        by: ({ sql }, { books }) => sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
          select ${books.partner['acme']!}, 'gold', daterange(null, null), max(known_seq) from known_changes`,
      },
      {
        what: 'bears a version already retired',
        operator: 'RV002',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into partner_tiers (partner_id, tier, valid, known_seq, retired_seq)
            values (${books.partner['acme']!}, 'gold', daterange(null, null), ${seq}, ${seq + 1})`;
        },
      },
      {
        what: 'retires a version under a number of an earlier transaction',
        operator: 'RV002',
        by: ({ sql }) => sql`update rule_versions set retired_seq = (select max(known_seq) from known_changes)`,
      },
      {
        what: 'retires a version twice',
        operator: 'RV001',
        by: async (tx) => {
          await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
          await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
        },
      },
      {
        what: 'brings a retired version back',
        operator: 'RV001',
        by: async (tx) => {
          await tx.sql`update rule_versions set retired_seq = ${await drawKnownSeq(tx)}`;
          await tx.sql`update rule_versions set retired_seq = null`;
        },
      },
      {
        what: 'edits the rate of a version',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update rule_versions set rate_ppm = 900000`,
      },
      {
        what: 'edits the rate of a version while retiring it',
        operator: '42501',
        owner: 'RV001',
        by: async (tx) => {
          await tx.sql`update rule_versions set rate_ppm = 900000, retired_seq = ${await drawKnownSeq(tx)}`;
        },
      },
      {
        what: 'edits what a rule applies to',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update rules set product_id = 1`,
      },
      {
        what: 'numbers a change by hand',
        operator: '42501',
        owner: null,
        by: ({ sql }) => sql`insert into known_changes (known_seq, summary) values (1000000, 'ahead of time')`,
      },
      {
        what: 'rewrites what was known when',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update known_changes set transaction_id = pg_current_xact_id()`,
      },
      {
        what: 'sets a negative rate',
        operator: '23514',
        by: async (tx, { books }) =>
          await insertRule(tx, { scope: 'partner', scopeId: books.partner['acme']!, ratePpm: -1 }),
      },
      {
        what: 'gives a flat rule no currency',
        operator: '23514',
        by: async (tx, { books }) =>
          await insertRule(tx, { scope: 'partner', scopeId: books.partner['acme']!, flatMinor: 500 }),
      },
      {
        what: 'sets a value that is no such setting’s',
        operator: '23514',
        by: async (tx, { books }) => {
          const seq = await drawKnownSeq(tx);
          await tx.sql`insert into settings (name, instance_id, value, valid, known_seq)
            values ('hold_days', ${books.instance['acme-uk']!}, '-1', daterange(null, null), ${seq})`;
        },
      },
      {
        what: 'changes the zone of the programme',
        operator: '42501',
        owner: 'RV001',
        by: ({ sql }) => sql`update programme set zone = 'Europe/London'`,
      },
      {
        what: 'changes a currency',
        operator: '42501',
        owner: null,
        by: ({ sql }) => sql`update currencies set minor_units = 3 where code = 'EUR'`,
      },
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
