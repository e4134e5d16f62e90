import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { roleNames } from '../../src/db/roles.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { announceBatch, recordBatch, startRun } from '../books.ts';
import { testDatabase } from '../database.ts';

let scene: BooksScene;
let tables: { name: string; columns: string[] }[];
beforeAll(async () => {
  scene = await openScene(await testDatabase());
  await scene.logins.operator.transaction(async (tx) => {
    await recordBatch(tx, scene.books.source, [{ externalId: 'a', instanceId: scene.books.instance['acme-uk']! }]);
    await startRun(tx, { scope: 'scene' });
  });
  tables = [
    ...(await scene.database.admin().sql<{ name: string; columns: string[] }[]>`
      select c.relname as name, (select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
      from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') order by 1`),
  ];
});
afterAll(async () => await scene.database.drop());

/** What only a new version of the tool changes: no login but the owner's may write it, and the owner may. */
const REFERENCE = ['currencies', 'tiers', 'migrations'];
/** What no login reads: only a function of the owner's does. */
const SECRET = ['referral_key'];

describe('every table', () => {
  it('refuses every kind of removal by everyone', async () => {
    const wrong: string[] = [];
    for (const { name } of tables) {
      for (const [who, db] of Object.entries(scene.logins)) {
        for (const statement of [`delete from main."${name}"`, `truncate main."${name}" cascade`]) {
          const state = await refusal(db, async ({ sql }) => await sql.unsafe(statement));
          const refused = who === 'owner' ? state === 'RV001' || REFERENCE.includes(name) : state === '42501';
          if (!refused) wrong.push(`${who}: ${statement}: ${state}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is written by no auditor and no stranger, and read by no stranger', async () => {
    const wrong: string[] = [];
    for (const { name, columns } of tables) {
      const attempts: [string, keyof typeof scene.logins][] = [
        [`insert into main."${name}" overriding system value select * from main."${name}"`, 'auditor'],
        [`update main."${name}" set "${columns.at(-1)}" = "${columns.at(-1)}"`, 'auditor'],
        [`select from main."${name}" for update`, 'auditor'],
        [`lock table main."${name}" in row exclusive mode`, 'auditor'],
        [`select from main."${name}"`, 'stranger'],
        [`insert into main."${name}" default values`, 'stranger'],
      ];
      for (const [statement, who] of attempts) {
        const state = await refusal(scene.logins[who], async ({ sql }) => await sql.unsafe(statement));
        if (state !== '42501') wrong.push(`${who}: ${statement}: ${state}`);
      }
      const read = await refusal(
        scene.logins.auditor,
        async ({ sql }) => await sql.unsafe(`select from main."${name}"`),
      );
      if (!SECRET.includes(name) && read !== 'nothing') wrong.push(`auditor cannot read ${name}`);
      if (SECRET.includes(name)) {
        const opened = await refusal(
          scene.logins.operator,
          async ({ sql }) => await sql.unsafe(`select from main."${name}"`),
        );
        if (read !== '42501' || opened !== '42501') wrong.push(`somebody reads ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('takes its author and time from the session where it keeps them, whatever an insert says', async () => {
    const stamped = tables.filter(({ columns }) => columns.includes('created_by') && columns.includes('recorded_at'));
    const triggers = await scene.database.admin().sql<{ name: string }[]>`
      select t.tgrelid::regclass::text as name from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      where not t.tgisinternal and p.proname in ('stamp', 'stamp_in_transaction') and t.tgtype & 7 = 7`; // row, before, insert
    const covered = new Set(triggers.map(({ name }) => name));
    // Payouts are inserted by nobody, but by the function that writes them.
    const others = stamped.map(({ name }) => name).filter((name) => !covered.has(name));
    expect(others.sort()).toEqual(['migrations', 'payouts']);
    expect(stamped.length).toBeGreaterThan(15);
  });
});

describe('who did it, and when', () => {
  const forged = `created_by, recorded_at) values`;
  const forgeries: Record<string, string> = {
    tenants: `insert into tenants (code, name, ${forged} ('f', 'F', 'somebody', '2020-01-01')`,
    partners: `insert into partners (code, name, type, status, currency, ${forged} ('f', 'F', 'reseller', 'active', 'EUR', 'somebody', '2020-01-01')`,
    accounts: `insert into accounts (instance_id, code, ${forged} ((select id from instances where code = 'acme-uk'), 'f', 'somebody', '2020-01-01')`,
    products: `insert into products (code, ${forged} ('f', 'somebody', '2020-01-01')`,
    sources: `insert into sources (code, ${forged} ('f', 'somebody', '2020-01-01')`,
    rules: `insert into rules (slot, level, scope, partner_id, ${forged} ('own', 0, 'partner', (select min(id) from partners), 'somebody', '2020-01-01')`,
    holds: `insert into holds (partner_id, reason, ${forged} ((select min(id) from partners), 'dispute', 'somebody', '2020-01-01')`,
    settings: `insert into settings (name, instance_id, value, valid, known_seq, ${forged} ('hold_days', (select min(id) from instances), '1', 'empty'::daterange + daterange(null, null), draw_known_seq('f'), 'somebody', '2020-01-01')`,
    job_runs: `insert into job_runs (job, business_date, attempt, status, lease_until, worker, ${forged} ('f', '2026-10-01', 1, 'running', now(), 'f', 'somebody', '2020-01-01')`,
    ledger_accounts: `insert into ledger_accounts (type, currency, ${forged} ('cash', 'SEK', 'somebody', '2020-01-01')`,
    sales: `insert into sales (source_id, sale_ref, instance_id, currency, sale_net_minor, sale_gross_minor, ${forged} ((select min(id) from sources), 'f', (select min(id) from instances), 'EUR', 1, 1, 'somebody', '2020-01-01')`,
  };
  it.each(Object.entries(forgeries))('%s says so itself', async (_, statement) => {
    await refusal(scene.logins.operator, async ({ sql }) => {
      const [row] = await sql.unsafe(`${statement} returning created_by, recorded_at = now() as now`);
      expect(row).toEqual({ created_by: 'tester', now: true });
    });
  });

  it('names the session’s login, not the role it stands in', async () => {
    const { operator } = roleNames(inject('server').template, 'main');
    await refusal(scene.logins.operator, async ({ sql }) => {
      await sql.unsafe(`set local role "${operator}"`);
      const [row] = await sql`insert into tenants (code, name) values ('g', 'G') returning created_by`;
      expect(row).toEqual({ created_by: 'tester' });
      const [line] = await sql`select actor from audit_log where row_key = 'g'`;
      expect(line).toEqual({ actor: 'tester' });
    });
  });

  repels(
    () => scene,
    [
      attack(
        'writes the audit log by hand',
        ['42501', 'RV001'],
        ({ sql }) =>
          sql`insert into audit_log (actor, action, table_name, row_key) values ('somebody', 'insert', 'tenants', 'x')`,
      ),
      attack('changes the audit log', ['42501', 'RV001'], ({ sql }) => sql`update audit_log set actor = 'somebody'`),
      attack('deletes from the audit log', ['42501', 'RV001'], ({ sql }) => sql`delete from audit_log`),
      attack(
        'changes who made a tenant',
        ['42501', null],
        ({ sql }) => sql`update tenants set created_by = 'somebody'`,
      ),
      attack(
        'changes when a partner was made',
        ['42501', 'RV001'],
        ({ sql }) => sql`update partners set recorded_at = '2020-01-01'`,
      ),
      attack('switches the triggers off', ['42501', '42501'], ({ sql }) => sql`set session_replication_role = replica`),
      attack('drops a trigger', ['42501', null], ({ sql }) => sql`drop trigger guard on entries`),
      attack('disables a trigger', ['42501', null], ({ sql }) => sql`alter table entries disable trigger guard`),
      attack(
        'replaces a guard',
        ['42501', null],
        ({ sql }) =>
          sql`create or replace function main.guard_entries() returns trigger language plpgsql as 'begin return null; end'`,
      ),
      attack('makes a table in the programme', ['42501', null], ({ sql }) => sql`create table main.extra (id int)`),
    ],
  );
});

describe('standing in for ours', () => {
  it('is not possible by a temporary table', async () => {
    // Each of these, were it believed, would let an event through without a batch, an account or a currency.
    const shadows = `
      create temp table event_batches (id bigint, transaction_id xid8, first_id bigint, last_id bigint, first_on date, last_on date, source_id int);
      insert into pg_temp.event_batches values (1, pg_current_xact_id(), 0, 1000000, '2000-01-01', '2100-01-01', 1);
      create temp table instances (id bigint); insert into pg_temp.instances values (999);
      create temp table currencies (code text); insert into pg_temp.currencies values ('XQQ');`;
    const { operator } = scene.logins;
    for (const path of ['pg_temp, main', 'main, pg_temp', 'main'].map((order) => `set local search_path = ${order}`)) {
      expect(
        await refusal(operator, async (tx) => {
          const batch = await announceBatch(tx, {
            source: scene.books.source,
            events: 1,
            from: '2026-10-01',
            to: '2026-10-01',
          });
          await tx.sql.unsafe(shadows);
          await tx.sql.unsafe(path);
          await tx.sql
            .unsafe(`insert into main.revenue_events (id, batch_id, source_id, kind, external_id, instance_id, currency, net_minor, gross_minor, occurred_at, occurred_on)
            values (${batch.firstId}, ${batch.id}, ${scene.books.source}, 'payment', 'shadow', 999, 'XQQ', 1, 1, '2026-10-01', '2026-10-01')`);
        }),
        path,
      ).toBe('23503');
      expect(
        await refusal(operator, async (tx) => {
          await tx.sql.unsafe(
            `create temp table known_changes (known_seq bigint, transaction_id xid8); insert into pg_temp.known_changes values (1, pg_current_xact_id())`,
          );
          await tx.sql.unsafe(path);
          await tx.sql.unsafe(`update main.rule_versions set retired_seq = 1`);
        }),
        path,
      ).toBe('RV002');
    }
  });

  it('is not possible by a function or type of one’s own', async () => {
    const { operator } = scene.logins;
    expect(
      await refusal(
        operator,
        async ({ sql }) =>
          await sql.unsafe(
            `create function main.now() returns timestamptz language sql return timestamptz '2020-01-01'`,
          ),
      ),
    ).toBe('42501');
    expect(await refusal(operator, async ({ sql }) => await sql.unsafe(`create schema elsewhere`))).toBe('42501');
    expect(
      await refusal(
        operator,
        async ({ sql }) =>
          await sql.unsafe(
            `create function public.now() returns timestamptz language sql return timestamptz '2020-01-01'`,
          ),
      ),
    ).toBe('42501');
  });

  it('freezes the search path of every function, with temporary tables last', async () => {
    const loose = await scene.database.admin().sql`
      select p.proname as name from pg_proc p where p.pronamespace = current_schema()::regnamespace
        and not exists (select from unnest(p.proconfig) c where c ~ '^search_path=main, ?pg_temp$')`;
    expect(loose).toEqual([]);
  });

  it('is not possible by the rights of a function that has more', async () => {
    const definers = await scene.database.admin().sql<{ name: string; open: boolean }[]>`
      select p.proname as name, coalesce(array_to_string(p.proacl, ' ') ~ '(^| )=X', p.proacl is null) as open
      from pg_proc p where p.pronamespace = current_schema()::regnamespace and p.prosecdef order by 1`;
    expect(definers.length).toBeGreaterThan(5);
    expect(definers.filter(({ open }) => open)).toEqual([]);
    // What an operator may call. A trigger function would work on any table one may make, so being callable is what counts.
    const calls: Readonly<Record<string, string>> = {
      draw_known_seq: `select main.draw_known_seq('x')`,
      hold_known_changes: 'select main.hold_known_changes()',
      allocate_event_ids: 'select main.allocate_event_ids(1)',
      lock_wallets: `select main.lock_wallets('{}')`,
      freeze_account_terms: 'select main.freeze_account_terms()',
      referral_hash: `select main.referral_hash('x')`,
      take_metrics: `select main.take_metrics('2026-10-01', '2026-11-01')`,
      find_due: `select main.find_due('{}', '2026-11-21', null)`,
      take_due: `select main.take_due('{}', '2026-11-21', null)`,
      foresee_due: `select main.foresee_due('{}')`,
      write_payouts: `select main.write_payouts(1, null)`,
    };
    // What an auditor may call, too: it writes nothing that stays.
    const auditors = ['find_due', 'foresee_due'];
    const wrong: string[] = [];
    for (const { name } of definers) {
      for (const who of ['auditor', 'stranger', 'operator'] as const) {
        if ((who === 'operator' && name in calls) || (who === 'auditor' && auditors.includes(name))) continue;
        const call =
          calls[name] ??
          `create temp table mine (id bigint); create trigger t after insert on mine for each row execute function main.${name}()`;
        const state = await refusal(scene.logins[who], async ({ sql }) => await sql.unsafe(call));
        if (state !== '42501') wrong.push(`${who}: ${name}: ${state}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is not possible by becoming the owner', async () => {
    const names = roleNames(inject('server').template, 'main');
    for (const who of ['operator', 'auditor', 'stranger'] as const) {
      for (const statement of [
        `set role "${names.owner}"`,
        `set session authorization "${names.owner}"`,
        `grant "${names.owner}" to current_user`,
        `grant select on main.entries to public`,
        `create role intruder superuser`,
      ]) {
        const state = await refusal(scene.logins[who], async ({ sql }) => await sql.unsafe(statement));
        // A grant one has no option for grants nothing, with a warning; inside a schema one cannot use it is an error.
        const harmless = statement.startsWith('grant select') && who !== 'stranger' ? ['nothing', '42501'] : ['42501'];
        expect(harmless, `${who}: ${statement}`).toContain(state);
      }
      const [may] = await scene.logins[who]
        .sql`select has_table_privilege('public', 'main.entries', 'select') as public`.catch(() => [{ public: false }]);
      expect(may).toEqual({ public: false });
    }
  });
});
