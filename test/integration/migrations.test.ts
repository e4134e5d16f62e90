import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import {
  appliedMigrations,
  assertServerVersion,
  compareMigrations,
  migrateProgramme,
  shippedMigrations,
  writeSchema,
} from '../../src/db/migrations.ts';
import { roleNames } from '../../src/db/roles.ts';
import { migrateDatabase } from '../../src/services/database/migrate-database.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { serverOfOnesOwn, type ServerOfOnesOwn } from '../programmes.ts';

const shipped = shippedMigrations();
const last = shipped.length - 1;

let server: ServerOfOnesOwn;
let operator: string;
beforeAll(async () => {
  server = await serverOfOnesOwn();
  operator = `mig_op_${server.name}`;
  await server.bootstrap('books', { operators: [operator] });
  await createProgramme(server.where(server.owner), { name: 'books' }, { dryRun: false });
});
afterAll(async () => await server.drop());

/** The books as another version, or a hand, left them. */
const tamper = async (sql: string) => {
  const admin = server.database.admin();
  await admin.sql.unsafe(`set search_path = books; ${sql}`);
};
const restore = async () => {
  const rows = shipped.map(({ name, sha256 }, position) => `(${position}, '${name}', '${sha256}')`).join(', ');
  await tamper(`delete from migrations; insert into migrations (position, name, sha256) values ${rows}`);
};

describe('a database whose migrations are not ours', () => {
  beforeEach(restore);
  afterAll(restore);

  const DIFFERENT: readonly [string, () => string, RegExp][] = [
    [
      'reordered',
      () =>
        `update migrations set name = name || '-'; update migrations m set name = case position when 1 then '${shipped[2]!.name}' when 2 then '${shipped[1]!.name}' else rtrim(name, '-') end`,
      /migration number 1 is 0002_rules in the database and 0001_parties in this version/,
    ],
    [
      'with one missing',
      () => `delete from migrations where position = 2`,
      /migration number 2 is missing from the database/,
    ],
    ['with the first missing', () => `delete from migrations where position = 0`, /migration number 0 is missing/],
    [
      'with other content',
      () => `update migrations set sha256 = repeat('0', 64) where position = 3`,
      /migration 0003_revenue was applied with other content \(000000000000\)/,
    ],
    [
      'renamed',
      () => `update migrations set name = '0001_people' where position = 1`,
      /is 0001_people in the database and 0001_parties in this version/,
    ],
    [
      'newer than this tool',
      () => `insert into migrations (position, name, sha256) values (${last + 1}, '9999_tomorrow', repeat('0', 64))`,
      /has migration 9999_tomorrow, which this version does not know: it is newer than this tool/,
    ],
  ];

  it.each(DIFFERENT)('%s, is refused for work and for migrating, with the remedy', async (_, sql, message) => {
    await tamper(sql());
    const refusal = {
      code: 'migrations_differ',
      exitCode: 5,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/install the version of revshare that made this database, or restore/),
    };
    await expect(server.context(operator, 'books')).rejects.toMatchObject(refusal);
    const where = server.where(server.owner);
    await expect(migrateDatabase(where, { programme: 'books' }, { dryRun: false })).rejects.toMatchObject(refusal);
    await expect(migrateDatabase(where, 'all', { dryRun: false })).rejects.toMatchObject(refusal);
    await expect(createProgramme(where, { name: 'books' }, { dryRun: false })).rejects.toMatchObject(refusal);
  });

  it('behind this tool, is refused for work until it is migrated', async () => {
    await tamper(`delete from migrations where position = ${last}`);
    await expect(server.context(operator, 'books')).rejects.toMatchObject({
      code: 'migrations_pending',
      exitCode: 4,
      hint: 'run: revshare db migrate --programme books',
    });
  });

  it('without any, is refused for work until it is migrated', async () => {
    await tamper(`alter table migrations rename to migrations_away`);
    try {
      await expect(server.context(operator, 'books')).rejects.toMatchObject({
        code: 'migrations_pending',
        exitCode: 4,
      });
    } finally {
      await tamper(`alter table migrations_away rename to migrations`);
    }
  });
});

it('compares order, count and content before anything else', () => {
  const rows = shipped.map(({ name, sha256 }, position) => ({ position, name, sha256 }));
  expect(compareMigrations(rows, shipped)).toEqual({ pending: [], difference: null });
  expect(compareMigrations([], shipped).pending).toEqual(shipped);
  expect(compareMigrations(rows.slice(0, 2), shipped).pending).toEqual(shipped.slice(2));
  expect(compareMigrations(rows, shipped.slice(0, 2)).difference).toMatch(/newer than this tool/);
});

describe('migrating', () => {
  /** Each its own connection, as each command has. */
  const migrate = async (programme: string) => {
    const target = server.database.target(server.owner);
    const db = openDatabase({ ...target, schema: null });
    try {
      return await db.transaction(async (tx) => await migrateProgramme(tx, programme));
    } finally {
      await db.close();
    }
  };

  it('applies once, however many at once', async () => {
    await server.bootstrap('crowd');
    const done = await Promise.all(Array.from({ length: 8 }, async () => await migrate('crowd')));
    expect(done.filter(({ created }) => created)).toHaveLength(1);
    expect(done.map(({ applied }) => applied.length).sort((a, b) => b - a)).toEqual([
      shipped.length,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    expect(await appliedMigrations(server.as(server.owner, null), 'crowd')).toHaveLength(shipped.length);
  });

  it('leaves nothing when a migration fails, and goes on from where it was', async () => {
    await server.bootstrap('torn');
    const names = roleNames(server.name, 'torn');
    const owner = server.as(server.owner, null);
    const broken = {
      name: '9999_broken',
      sha256: '0'.repeat(64),
      text: 'create table half_made (id int); select 1 / 0',
    };
    await expect(
      owner.transaction(async (tx) => await writeSchema(tx, 'torn', names, null, [...shipped, broken])),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await owner.sql`select from pg_namespace where nspname = 'torn'`).toHaveLength(0);

    await migrate('torn');
    await expect(
      owner.transaction(async (tx) => await writeSchema(tx, 'torn', names, shipped.length, [broken])),
    ).rejects.toMatchObject({ code: '22012' });
    expect(await owner.sql`select to_regclass('torn.half_made') as half`).toEqual([{ half: null }]);
    expect(await migrate('torn')).toEqual({ created: false, applied: [] });
  });

  it('leaves nothing when its connection is cut in the middle', async () => {
    await server.bootstrap('cut');
    const owner = server.as(server.owner, null);
    const admin = server.database.admin();
    await expect(
      owner.transaction(async (tx) => {
        await migrateProgramme(tx, 'cut');
        const [me] = await tx.sql`select pg_backend_pid() as pid`;
        await admin.sql`select pg_terminate_backend(${me?.['pid'] as number})`;
        await tx.sql`select 1`;
      }),
    ).rejects.toMatchObject({ code: 'connection_lost', exitCode: 4 });
    expect(await admin.sql`select from pg_namespace where nspname = 'cut'`).toHaveLength(0);
    expect(await migrate('cut')).toMatchObject({ created: true });
  });

  it('brings all programmes along, or on a dry run none', async () => {
    const where = server.where(server.owner);
    const all = await migrateDatabase(where, 'all', { dryRun: false });
    expect(all).toEqual(['books', 'crowd', 'cut', 'torn'].map((programme) => ({ programme, applied: [] })));
    await expect(migrateDatabase(where, { programme: 'nowhere' }, { dryRun: false })).rejects.toMatchObject({
      code: 'programme_not_found',
      exitCode: 3,
    });
  });

  it('is the owner’s work and nobody else’s', async () => {
    const where = { ...server.where(operator), ownerUrl: server.where(operator).databaseUrl };
    await expect(migrateDatabase(where, { programme: 'books' }, { dryRun: false })).rejects.toMatchObject({
      code: 'not_owner',
      exitCode: 3,
      hint: expect.stringContaining('REVSHARE_OWNER_URL'),
    });
  });
});

describe('the server’s version', () => {
  it.each([
    [90_624, '9'],
    [130_011, '13'],
    [140_019, '14'],
  ])('%d is too old', (number, major) => {
    expect(() => assertServerVersion(number)).toThrow(
      expect.objectContaining({
        code: 'server_too_old',
        exitCode: 4,
        message: `the server is Postgres ${major}; revshare wants 15 to 18`,
        hint: expect.stringContaining('upgrade the server to Postgres 15 or later'),
      }),
    );
  });
  it.each([150_000, 160_004, 180_001])('%d will do', (number) => {
    expect(() => assertServerVersion(number)).not.toThrow();
  });
});
