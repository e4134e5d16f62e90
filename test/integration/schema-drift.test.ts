import { is } from 'drizzle-orm';
import { getTableConfig, getViewConfig, PgTable, PgView, type PgColumn } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '../../src/db/schema/all.ts';
import type { Database } from '../../src/db/connection.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

/** The SQL in drizzle/ is written by hand and the tables of src/db/schema mirror it: nothing else keeps them equal. */
let database: TestDatabase;
let admin: Database;

beforeAll(async () => {
  database = await testDatabase();
  admin = database.admin();
});
afterAll(async () => {
  await database.drop();
});

/** What a table looks like from either side: its columns with type, nullability and how an identity is drawn. */
type Shape = Record<string, Record<string, string>>;

async function shapeInDatabase(): Promise<Shape> {
  const rows = await admin.sql<
    { table: string; column: string; type: string; notNull: boolean; identity: string; view: boolean }[]
  >`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull as "notNull", a.attidentity as identity, c.relkind = 'v' as view
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'v') order by c.relname, a.attnum`;
  const shape: Shape = {};
  for (const row of rows) {
    // A view knows no nullability: it is the tables' business.
    const nullability = row.view ? '' : row.notNull ? ' not null' : '';
    (shape[row.table] ??= {})[row.column] = `${row.type}${nullability}${row.identity === 'a' ? ' identity' : ''}`;
  }
  return shape;
}

function describe(column: PgColumn, view: boolean): string {
  return `${column.getSQLType()}${column.notNull && !view ? ' not null' : ''}${column.generatedIdentity?.type === 'always' ? ' identity' : ''}`;
}

function shapeInDrizzle(): Shape {
  const shape: Shape = {};
  for (const table of Object.values(schema)) {
    if (is(table, PgTable)) {
      const { name, columns } = getTableConfig(table);
      shape[name] = Object.fromEntries(columns.map((column) => [column.name, describe(column, false)]));
    } else if (is(table, PgView)) {
      const { name, selectedFields } = getViewConfig(table);
      const columns = Object.values(selectedFields) as PgColumn[];
      shape[name] = Object.fromEntries(columns.map((column) => [column.name, describe(column, true)]));
    }
  }
  return shape;
}

const SPELLINGS: Readonly<Record<string, string>> = { 'timestamp with time zone': 'timestamptz' };
const canonical = (shape: Shape): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([table, columns]) => [
      table,
      Object.fromEntries(
        Object.entries(columns).map(([name, text]) => [
          name,
          Object.entries(SPELLINGS).reduce((soFar, [long, short]) => soFar.replace(long, short), text),
        ]),
      ),
    ]),
  );

test('drizzle mirrors every table of the schema: columns, types, nullability, identities', async () => {
  expect(canonical(shapeInDrizzle())).toEqual(canonical(await shapeInDatabase()));
});

test('enumerated types have the same values in the same order', async () => {
  for (const type of [schema.eventKind, schema.entryKind, schema.entryReason]) {
    const [found] = await admin.sql<{ values: string[] }[]>`
      select json_agg(enumlabel order by enumsortorder) as values from pg_enum where enumtypid = ${type.enumName}::regtype`;
    expect(found?.values).toEqual(type.enumValues);
  }
});

test('a text column that drizzle narrows to words allows exactly those words in the database', async () => {
  const checks = await admin.sql<{ table: string; definition: string }[]>`
    select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint
    where connamespace = current_schema()::regnamespace and contype = 'c'`;
  for (const table of Object.values(schema).filter((one) => is(one, PgTable))) {
    const { name, columns } = getTableConfig(table);
    for (const column of columns) {
      if (column.getSQLType() !== 'text' || column.enumValues === undefined || column.enumValues.length === 0) continue;
      const words = checks
        .filter((check) => check.table === name && check.definition.startsWith(`CHECK ((${column.name} = ANY`))
        .map((check) => [...check.definition.matchAll(/'([^']*)'::text/g)].map((match) => match[1]));
      // Two tables follow another's column by trigger and have no check of their own.
      if (words.length > 0) expect(words, `${name}.${column.name}`).toEqual([column.enumValues]);
    }
  }
});
