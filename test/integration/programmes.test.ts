import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresFailure } from '../../src/db/failures.ts';
import { quoteIdentifier, type Database } from '../../src/db/connection.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { listProgrammes } from '../../src/services/programme/list-programmes.ts';
import { refusal } from '../attacks.ts';
import { openBooks, recordBatch, type Books } from '../books.ts';
import { serverOfOnesOwn, type ServerOfOnesOwn } from '../programmes.ts';
import { earn } from '../support/earnings.ts';

let server: ServerOfOnesOwn;
const booksOf: Record<string, Books> = {};
beforeAll(async () => {
  server = await serverOfOnesOwn();
  for (const programme of ['alpha', 'beta']) {
    await server.bootstrap(programme, {
      operators: [`${programme}_op_${server.name}`],
      auditors: [`${programme}_aud_${server.name}`],
    });
    await createProgramme(server.where(server.owner), { name: programme }, { dryRun: false });
    const db = server.as(`${programme}_op_${server.name}`, programme);
    const books = (booksOf[programme] = await openBooks(db));
    await db.transaction(async (tx) => {
      await recordBatch(tx, books.source, [
        { externalId: `secret-of-${programme}`, instanceId: books.instance['acme-uk']! },
      ]);
    });
  }
});
afterAll(async () => await server.drop());

const alphas = () => [`alpha_op_${server.name}`, `alpha_aud_${server.name}`];

const codeOf = async (db: Database, statement: string): Promise<string> => {
  try {
    await db.sql.unsafe(statement);
    return 'allowed';
  } catch (error) {
    return postgresFailure(error)?.code ?? String(error);
  }
};

describe('two programmes of one database', () => {
  it('show a login of the other nothing: no table, view or sequence, to no verb', async () => {
    const relations = await server.database.admin().sql<{ name: string; kind: string }[]>`
      select relname as name, relkind as kind from pg_class where relnamespace = 'beta'::regnamespace and relkind in ('r', 'v', 'S')`;
    expect(relations.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const login of alphas()) {
      const db = server.as(login, 'alpha');
      for (const { name, kind } of relations) {
        const relation = `beta.${quoteIdentifier(name)}`;
        const statements =
          kind === 'S'
            ? [
                `select nextval('${relation}')`,
                `select currval('${relation}')`,
                `select setval('${relation}', 1)`,
                `select last_value from ${relation}`,
              ]
            : [
                `select * from ${relation} limit 1`,
                `select count(*) from ${relation}`,
                `insert into ${relation} default values`,
                `delete from ${relation}`,
                `copy ${relation} to stdout`,
              ];
        for (const statement of statements) {
          const code = await codeOf(db, statement);
          if (code !== '42501') wrong.push(`${login}: ${statement}: ${code}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('let a login of the other call no function', async () => {
    const functions = await server.database.admin().sql<{ name: string; args: string }[]>`
      select proname as name, coalesce((select string_agg('null::' || format_type(t, null), ', ' order by n) from unnest(proargtypes) with ordinality x (t, n)), '') as args
      from pg_proc where pronamespace = 'beta'::regnamespace and prorettype <> 'trigger'::regtype`;
    expect(functions.length).toBeGreaterThan(3);
    const wrong: string[] = [];
    for (const login of alphas()) {
      const db = server.as(login, 'alpha');
      for (const { name, args } of functions) {
        const code = await codeOf(db, `select beta.${quoteIdentifier(name)}(${args})`);
        if (code !== '42501') wrong.push(`${login}: ${name}: ${code}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('cannot be mixed up by search_path', async () => {
    for (const login of alphas()) {
      const db = server.as(login, 'alpha');
      for (const path of ['beta', 'beta, alpha', 'beta, pg_temp, alpha', '"$user", beta, alpha, public']) {
        await db.transaction(async (tx) => {
          await tx.sql.unsafe(`set local search_path = ${path}`);
          const [seen] =
            await tx.sql`select to_regclass('entries')::oid::regclass::text as name, (select nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass('entries')) as schema`;
          expect(seen?.['schema'] ?? null).toBe(path === 'beta' ? null : 'alpha');
        });
      }
    }
    // A function keeps the path it was made with: called from anywhere, it works on its own programme.
    const operator = server.as(`alpha_op_${server.name}`, 'alpha');
    const admin = server.database.admin();
    const count = async (schema: string) =>
      Number((await admin.sql.unsafe(`select count(*) as n from ${schema}.known_changes`))[0]?.['n']);
    const before = [await count('alpha'), await count('beta')];
    await operator.transaction(async (tx) => {
      await tx.sql.unsafe(`set local search_path = beta, pg_temp`);
      await tx.sql.unsafe(`select alpha.draw_known_seq('from elsewhere')`);
    });
    expect([await count('alpha'), await count('beta')]).toEqual([before[0]! + 1, before[1]]);
  });

  it('leak no content through the statistics and catalogs of the server', async () => {
    const admin = server.database.admin();
    await admin.sql.unsafe('analyze beta.revenue_events; analyze beta.partners');
    for (const login of alphas()) {
      const db = server.as(login, 'alpha');
      expect(await db.sql`select * from pg_stats where schemaname = 'beta'`).toEqual([]);
      expect(
        await db.sql`select sequencename from pg_sequences where schemaname = 'beta' and last_value is not null`,
      ).toEqual([]);
      expect(await db.sql`select * from information_schema.tables where table_schema = 'beta'`).toEqual([]);
      expect(await codeOf(db, `select * from pg_statistic`)).toBe('42501');
      const seen = await db.sql`select query from pg_stat_activity where query like '%beta%' and usename like 'beta%'`;
      expect(seen).toEqual([]);
    }
  });

  it('have roles of their own: nobody of one is in a role of the other', async () => {
    for (const login of alphas()) {
      await expect(server.context(login, 'beta')).rejects.toMatchObject({
        code: 'no_rights',
        exitCode: 3,
        hint: expect.stringContaining(`db bootstrap --programme beta --operator ${login}`),
      });
    }
    const ctx = await server.context(`alpha_op_${server.name}`, 'alpha');
    expect(await ctx.db.sql`select external_id from revenue_events`).toEqual([{ external_id: 'secret-of-alpha' }]);
    const listed = await listProgrammes(server.where(`alpha_op_${server.name}`));
    expect(listed.find(({ name }) => name === 'alpha')).toMatchObject({ usable: true, zone: 'UTC' });
    expect(listed.find(({ name }) => name === 'beta')).toEqual({ name: 'beta', usable: false });
  });

  it('let an operator of both work in both, one at a time', async () => {
    const both = `both_${server.name}`;
    await server.bootstrap('alpha', { operators: [both] });
    await server.bootstrap('beta', { auditors: [both] });
    for (const programme of ['alpha', 'beta']) {
      const ctx = await server.context(both, programme);
      expect(await ctx.db.sql`select external_id from revenue_events`).toEqual([
        { external_id: `secret-of-${programme}` },
      ]);
    }
    const inBeta = server.as(both, 'beta');
    expect(await codeOf(inBeta, `insert into tenants (code, name) values ('x', 'X')`)).toBe('42501');
  });

  it('pay nothing to one who works in both that was found to be due in the other', async () => {
    const payer = `payer_${server.name}`;
    for (const [programme, amount] of [
      ['alpha', 100],
      ['beta', 5_000_000],
    ] as const) {
      await server.bootstrap(programme, { operators: [payer] });
      await earn(server.as(`${programme}_op_${server.name}`, programme), booksOf[programme]!, [
        { instance: 'acme-uk', amount },
      ]);
    }
    const paying = (finds: string) =>
      refusal(server.as(payer, 'alpha'), async ({ sql }) => {
        const wallets = `select id from ${finds}.ledger_accounts where type = 'wallet'`;
        await sql.unsafe(
          `insert into alpha.payout_runs (cutoff, scope) values ('2026-11-21', 'programme');
           select ${finds}.take_due(array(${wallets}), '2026-11-21', null);
           insert into pg_temp.payout_giving ${wallets.replace('id', 'id, 0, 0')};
           select alpha.write_payouts(max(id), null) from alpha.payout_runs`,
        );
      });
    expect(await paying('alpha')).toBe('nothing');
    expect(await paying('beta')).toBe('RV002');
  });
});

describe('programme create', () => {
  it('makes one programme, however often and however many at once', async () => {
    await server.bootstrap('gamma');
    const where = server.where(server.owner);
    const made = await Promise.all(
      Array.from(
        { length: 8 },
        async () => await createProgramme(where, { name: 'gamma', zone: 'Europe/Berlin' }, { dryRun: false }),
      ),
    );
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(made.filter(({ migrations }) => migrations.length > 0)).toHaveLength(1);
    expect(await createProgramme(where, { name: 'gamma' }, { dryRun: false })).toMatchObject({
      created: false,
      zone: 'Europe/Berlin',
    });
    const [rows] = await server.database.admin().sql.unsafe(`select count(*)::int as settings from gamma.settings`);
    expect(rows).toEqual({ settings: 11 });
  });

  it('refuses to make it anew with other terms', async () => {
    await expect(
      createProgramme(server.where(server.owner), { name: 'alpha', zone: 'Asia/Tokyo' }, { dryRun: false }),
    ).rejects.toMatchObject({ code: 'programme_exists', exitCode: 3 });
    await expect(
      createProgramme(server.where(server.owner), { name: 'alpha', currency: 'JPY' }, { dryRun: false }),
    ).rejects.toMatchObject({ code: 'programme_exists' });
  });

  it('makes nothing on a dry run', async () => {
    await server.bootstrap('delta');
    expect(await createProgramme(server.where(server.owner), { name: 'delta' }, { dryRun: true })).toMatchObject({
      created: true,
    });
    expect(await server.database.admin().sql`select from pg_namespace where nspname = 'delta'`).toHaveLength(0);
  });

  it('wants roles first, and the owner', async () => {
    await expect(
      createProgramme(server.where(server.owner), { name: 'omega' }, { dryRun: false }),
    ).rejects.toMatchObject({
      code: 'roles_missing',
      exitCode: 3,
      hint: expect.stringContaining('db bootstrap --programme omega'),
    });
    const operator = `alpha_op_${server.name}`;
    const where = { ...server.where(operator), ownerUrl: server.where(operator).databaseUrl };
    await server.bootstrap('epsilon');
    await expect(createProgramme(where, { name: 'epsilon' }, { dryRun: false })).rejects.toMatchObject({
      code: 'not_owner',
      exitCode: 3,
    });
    expect(
      await server.database.admin().sql`select from pg_namespace where nspname in ('omega', 'epsilon')`,
    ).toHaveLength(0);
  });

  it.each(['Main', 'pg_books', 'public', 'a'.repeat(32), 'drop schema', '', '1st', 'information_schema'])(
    'refuses the name %j',
    async (name) => {
      await expect(createProgramme(server.where(server.owner), { name }, { dryRun: false })).rejects.toMatchObject({
        code: 'programme_name',
        exitCode: 2,
      });
    },
  );
});
