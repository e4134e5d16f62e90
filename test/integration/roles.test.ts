import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrapDatabase, bootstrapSql } from '../../src/services/database/migrate-database.ts';
import { checkDatabase, type DatabaseCheck } from '../../src/services/database/check-database.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { roleNames } from '../../src/db/roles.ts';
import { serverOfOnesOwn, type ServerOfOnesOwn } from '../programmes.ts';

let server: ServerOfOnesOwn;
let operator: string;
let auditor: string;
beforeAll(async () => {
  server = await serverOfOnesOwn();
  [operator, auditor] = [`rol_op_${server.name}`, `rol_aud_${server.name}`];
  await server.bootstrap('books', { operators: [operator], auditors: [auditor] });
  await createProgramme(server.where(server.owner), { name: 'books' }, { dryRun: false });
});
afterAll(async () => await server.drop());

const admin = () => server.database.admin();

describe('who may work', () => {
  it('an operator and an auditor, each as themselves', async () => {
    for (const login of [operator, auditor]) expect((await server.context(login, 'books')).actor).toBe(login);
  });

  it('not the owner, who only migrates', async () => {
    await expect(server.context(server.owner, 'books')).rejects.toMatchObject({
      code: 'owner_login',
      exitCode: 4,
      hint: expect.stringContaining('db bootstrap --programme books --operator NAME'),
    });
  });

  it('not a superuser', async () => {
    const root = `rol_root_${server.name}`;
    await admin().sql.unsafe(`create role ${root} login superuser password 'secret'`);
    try {
      await expect(server.context(root, 'books')).rejects.toMatchObject({ code: 'owner_login', exitCode: 4 });
    } finally {
      await admin().sql.unsafe(`drop role ${root}`);
    }
  });

  it('not a login of no role', async () => {
    const nobody = `rol_no_${server.name}`;
    await admin().sql.unsafe(`create role ${nobody} login password 'secret'`);
    try {
      await expect(server.context(nobody, 'books')).rejects.toMatchObject({ code: 'no_rights', exitCode: 3 });
    } finally {
      await admin().sql.unsafe(`drop role ${nobody}`);
    }
  });

  it('in no programme that is not there', async () => {
    await expect(server.context(operator, 'nowhere')).rejects.toMatchObject({
      code: 'programme_not_found',
      exitCode: 3,
    });
  });
});

describe('db bootstrap', () => {
  it('prints SQL that an administrator can run as it stands, twice', async () => {
    const login = `rol_printed_${server.name}`;
    const statements = await bootstrapSql(server.where(server.owner), 'printed', { operators: [login] });
    const text = `${statements.join(';\n')};\n`;
    await admin().sql.unsafe(text);
    await admin().sql.unsafe(text);
    const names = roleNames(server.name, 'printed');
    const [member] = await admin()
      .sql`select pg_has_role(${login}, ${names.operator}, 'member') as operator, pg_has_role(${login}, ${names.owner}, 'member') as owner`;
    expect(member).toEqual({ operator: true, owner: false });
    await admin().sql.unsafe(
      `drop role ${login}; drop owned by ${names.operator}, ${names.auditor}; drop role ${names.operator}, ${names.auditor}`,
    );
  });

  it('makes nothing on a dry run, and nothing for who may not', async () => {
    const root = `rol_boss_${server.name}`;
    await admin().sql.unsafe(`create role ${root} login superuser password 'secret'`);
    try {
      const where = { ...server.where(root), ownerUrl: null };
      const statements = await bootstrapDatabase(where, 'dry', {}, { dryRun: true });
      expect(statements.length).toBeGreaterThan(4);
      expect(
        await admin().sql`select from pg_roles where rolname = ${roleNames(server.name, 'dry').operator}`,
      ).toHaveLength(0);
    } finally {
      await admin().sql.unsafe(`drop role ${root}`);
    }
    const plain = { ...server.where(operator), ownerUrl: null };
    await expect(bootstrapDatabase(plain, 'dry', {}, { dryRun: false })).rejects.toMatchObject({
      code: 'no_rights',
      exitCode: 3,
    });
  });

  it.each(['pg_intruder', 'revshare_owner', 'postgres', 'a; drop role b', ''])(
    'refuses the login %j',
    async (login) => {
      await expect(bootstrapSql(server.where(server.owner), 'books', { operators: [login] })).rejects.toMatchObject({
        code: 'actor_name',
        exitCode: 2,
      });
    },
  );
});

describe('db check', () => {
  const check = async (login = server.owner): Promise<Record<string, DatabaseCheck>> => {
    const where = { ...server.where(login), ownerUrl: server.where(login).databaseUrl };
    return Object.fromEntries((await checkDatabase(where, 'books')).map((one) => [one.check, one]));
  };
  const broken = async (plant: string, mend: string): Promise<Record<string, DatabaseCheck>> => {
    await admin().sql.unsafe(plant);
    try {
      return await check();
    } finally {
      await admin().sql.unsafe(mend);
    }
  };

  it('finds the database as this version makes it', async () => {
    const found = await check();
    expect(
      Object.values(found).map(({ result }) => result),
      JSON.stringify(found, null, 1),
    ).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(found['roles']?.found).toMatch(/; 1 operators, 1 auditors$/);
    expect(found['structure']?.found).toMatch(
      /^\d{3,} tables, columns, constraints, triggers, functions and grants as the migrations make them$/,
    );
  });

  it('leaves nothing behind and tells nobody less than the truth', async () => {
    await check();
    expect(await admin().sql`select from pg_namespace where nspname like 'revshare_db%'`).toHaveLength(0);
    expect((await check(operator))['structure']).toEqual({
      check: 'structure',
      result: 'not_checked',
      found: `this login is no member of ${roleNames(server.name, 'books').owner}`,
      remedy: 'set REVSHARE_OWNER_URL to the owner’s login',
    });
  });

  const STRUCTURE: readonly [string, string, string, RegExp][] = [
    [
      'a trigger switched off',
      'alter table books.entries disable trigger guard',
      'alter table books.entries enable trigger guard',
      /trigger guard on entries is .* \(switched off\)' and should be/,
    ],
    [
      'foreign keys switched off',
      'alter table books.accounts disable trigger all',
      'alter table books.accounts enable trigger all',
      /foreign key checks of accounts is/,
    ],
    [
      'a trigger dropped',
      'alter trigger guard on books.entries rename to guard_',
      'alter trigger guard_ on books.entries rename to guard',
      /trigger guard on entries is missing.*trigger guard_ on entries is not ours/,
    ],
    [
      'a function replaced',
      `alter function books.guard_entries() security definer`,
      `alter function books.guard_entries() security invoker`,
      /function guard_entries\(\) is/,
    ],
    [
      'a right given',
      'grant delete on books.entries to OPERATOR',
      'revoke delete on books.entries from OPERATOR',
      /grants on entries is .*delete/,
    ],
    [
      'a right to a column given',
      'grant update (net_minor) on books.revenue_events to OPERATOR',
      'revoke update (net_minor) on books.revenue_events from OPERATOR',
      /column revenue_events.net_minor is/,
    ],
    [
      'a right taken away',
      'revoke select on books.entries from AUDITOR',
      'grant select on books.entries to AUDITOR',
      /grants on entries is/,
    ],
    [
      'a function opened to all',
      'grant execute on function books.draw_known_seq(text) to public',
      'revoke execute on function books.draw_known_seq(text) from public',
      /function draw_known_seq\(summary text\) is/,
    ],
    [
      'a constraint dropped',
      'alter table books.entries rename constraint entries_check to entries_check_',
      'alter table books.entries rename constraint entries_check_ to entries_check',
      /constraint entries_check on entries is missing/,
    ],
    [
      'a column added',
      'alter table books.tenants add column extra text',
      'alter table books.tenants drop column extra',
      /column tenants.extra is not ours/,
    ],
    [
      'a default changed',
      `alter table books.rule_versions alter base set default 'gross'`,
      `alter table books.rule_versions alter base set default 'net'`,
      /column rule_versions.base is/,
    ],
    [
      'a table of another owner',
      'alter table books.tiers owner to AUDITOR',
      'alter table books.tiers owner to OWNER; grant select on books.tiers to AUDITOR',
      /table tiers is 'of /,
    ],
    ['a table added', 'create table books.mine (id int)', 'drop table books.mine', /table mine is not ours/],
  ];
  it.each(STRUCTURE)('finds %s', async (_, plant, mend, found) => {
    const names = roleNames(server.name, 'books');
    const named = (sql: string) =>
      sql.replaceAll('OPERATOR', names.operator).replaceAll('AUDITOR', names.auditor).replaceAll('OWNER', names.owner);
    const { structure } = await broken(named(plant), named(mend));
    expect(structure).toMatchObject({ result: 'differs', found: expect.stringMatching(found) });
  });

  it('lets an index of one’s own be', async () => {
    const { structure } = await broken('create index mine on books.entries (wallet_id)', 'drop index books.mine');
    expect(structure?.found).toMatch(/as the migrations make them$/);
  });

  it('finds rights of somebody else', async () => {
    const { grants, structure } = await broken(
      'grant select on books.entries to public',
      'revoke select on books.entries from public',
    );
    expect(grants).toMatchObject({ result: 'differs', found: 'entries: select to public' });
    expect(structure?.result).toBe('differs');
  });

  it('finds a role with power over the server, and one that both migrates and works', async () => {
    const names = roleNames(server.name, 'books');
    const mighty = await broken(
      `alter role ${operator} createrole bypassrls`,
      `alter role ${operator} nocreaterole nobypassrls`,
    );
    expect(mighty['roles']).toMatchObject({
      result: 'differs',
      found: `past every rule of the books: ${operator} (bypassrls, createrole)`,
    });
    const both = await broken(`grant ${names.owner} to ${operator}`, `revoke ${names.owner} from ${operator}`);
    expect(both['roles']).toMatchObject({
      result: 'differs',
      found: `members of owner and of a working role: ${operator}`,
      remedy: `revoke ${names.owner} from ${operator}`,
    });
  });

  it('finds migrations that are pending or differ', async () => {
    const pending = await broken(
      'create table public.kept as select * from books.migrations; delete from books.migrations where position = (select max(position) from books.migrations)',
      'delete from books.migrations; insert into books.migrations select * from public.kept; drop table public.kept',
    );
    expect(pending['migrations']).toMatchObject({
      result: 'differs',
      found: expect.stringMatching(/^1 pending: /),
      remedy: 'revshare db migrate --programme books',
    });
    expect(pending['structure']).toMatchObject({ result: 'not_checked' });
  });

  it('knows no programme that is not there', async () => {
    await expect(checkDatabase(server.where(server.owner), 'nowhere')).rejects.toMatchObject({
      code: 'programme_not_found',
    });
  });
});
