import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InstrumentCode } from '../../src/domain/instruments.ts';
import { newKey } from '../../src/secrets/keyring.ts';
import type { Context } from '../../src/services/context.ts';
import { addInstrument } from '../../src/services/instrument/add-instrument.ts';
import { listInstruments, showInstrument } from '../../src/services/instrument/show-instrument.ts';
import { initKeys, keyStatus, rotateKeys } from '../../src/services/keys/manage-keys.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let directory: string;
let ctx: Context;
beforeAll(async () => {
  database = await testDatabase();
  await openBooks(await database.as('tester'));
});
afterAll(async () => await database.drop());
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'revshare-keys-'));
  ctx = { ...(await database.context()), keys: { text: null, file: join(directory, 'keys') } };
  await database
    .admin()
    .sql.unsafe(
      `begin; set local session_replication_role = replica; delete from instruments; delete from instrument_seals; delete from instrument_reveals; commit`,
    );
  return () => rmSync(directory, { recursive: true });
});

const IBAN = 'DE89370400440532013000';
const code = (partner: string, version: number | null = null): InstrumentCode => ({
  partner,
  currency: 'EUR',
  version,
});
const add = async (partner: string) =>
  await addInstrument(ctx, { partner, currency: 'EUR', kind: 'iban', details: { iban: IBAN } });
const reveal = async (partner: string, reason = 'test') => (await showInstrument(ctx, code(partner), reason)).data;
const reveals = async () => await ctx.db.sql<{ reason: string }[]>`select reason from instrument_reveals order by id`;

describe('account data', () => {
  it('is nowhere in the books as it was given', async () => {
    await initKeys(ctx);
    await add('acme');
    const admin = database.admin();
    for (const table of ['instruments', 'instrument_seals', 'audit_log']) {
      const [row] = await admin.sql.unsafe(
        `select count(*) filter (where t::text like '%${IBAN.slice(4, 18)}%')::int as found, count(*) > 0 as some from ${table} t`,
      );
      expect([table, row]).toEqual([table, { found: 0, some: true }]);
    }
  });

  it('is shown to whom says why, and that is on record before anything is shown', async () => {
    await initKeys(ctx);
    await add('acme');
    expect((await showInstrument(ctx, code('acme'), null)).data).toBeNull();
    expect(await reveals()).toEqual([]);
    expect(await reveal('acme', 'the bank asks')).toEqual({ iban: IBAN });
    expect(await reveals()).toEqual([{ reason: 'the bank asks' }]);
  });

  it('opens in no other row, and nothing of it is said', async () => {
    await initKeys(ctx);
    await add('acme');
    await add('zenith');
    await database.admin().sql.unsafe(`
      begin; set local session_replication_role = replica;
      update instrument_seals a set sealed = b.sealed from instrument_seals b where a.instrument_id <> b.instrument_id; commit`);
    await expect(reveal('acme')).rejects.toMatchObject({
      code: 'seal_broken',
      exitCode: 5,
      message: expect.not.stringContaining('DE89') as string,
    });
    expect(await reveals()).toEqual([]);
  });

  it('without its key is refused by the name of the key, and no new one is made over it', async () => {
    const { key } = await initKeys(ctx);
    await add('acme');
    const other = newKey();
    writeFileSync(ctx.keys.file, `${other.bytes.toString('base64')}\n`, { mode: 0o600 });
    await expect(reveal('acme')).rejects.toMatchObject({
      code: 'key_wrong',
      exitCode: 4,
      message: expect.stringContaining(`sealed by key ${key}`) as string,
    });
    expect((await keyStatus(ctx)).map((one) => [one.key, one.present, one.needed])).toEqual([
      [key, false, 1],
      [other.id, true, 0],
    ]);
    rmSync(ctx.keys.file);
    await expect(reveal('acme')).rejects.toMatchObject({ code: 'keys_missing', exitCode: 4 });
    await expect(initKeys(ctx)).rejects.toMatchObject({ code: 'books_sealed', exitCode: 3 });
  });

  it('is sealed by a new key, after which the old one is not needed', async () => {
    await initKeys(ctx);
    await add('acme');
    await add('zenith');
    const dry = { ...(await database.context({ dryRun: true })), keys: ctx.keys };
    const before = readFileSync(ctx.keys.file, 'utf8');
    expect(await rotateKeys(dry, { resealOnly: false })).toMatchObject({ key: null, resealed: 2 });
    expect(readFileSync(ctx.keys.file, 'utf8')).toBe(before);
    const { key, resealed } = await rotateKeys(ctx, { resealOnly: false });
    expect(resealed).toBe(2);
    const lines = readFileSync(ctx.keys.file, 'utf8').trimEnd().split('\n');
    writeFileSync(ctx.keys.file, `${lines.at(-1)}\n`);
    expect(await reveal('acme')).toEqual({ iban: IBAN });
    expect((await keyStatus(ctx)).find((one) => one.key === key)).toMatchObject({ needed: 2, sealed: 2, seals: true });
    expect(await rotateKeys(ctx, { resealOnly: true })).toMatchObject({ key, resealed: 0 });
  });

  it('is rotated where keys come from the environment, by the new line there', async () => {
    await initKeys(ctx);
    await add('acme');
    const key = newKey();
    const text = `${readFileSync(ctx.keys.file, 'utf8')}${key.bytes.toString('base64')}\n`;
    const inEnvironment = { ...ctx, keys: { text, file: 'nowhere' } };
    await expect(rotateKeys(inEnvironment, { resealOnly: false })).rejects.toMatchObject({
      code: 'keys_in_environment',
    });
    expect(await rotateKeys(inEnvironment, { resealOnly: true })).toMatchObject({ key: key.id, resealed: 1 });
  });
});

describe('two who change one instrument at once', () => {
  it('make two versions, one after the other', async () => {
    await initKeys(ctx);
    const other = { ...(await database.context({ actor: 'other' })), keys: ctx.keys };
    const input = { partner: 'acme', currency: 'EUR', kind: 'iban', details: { iban: IBAN } } as const;
    const made = await Promise.all([ctx, other, ctx, other].map(async (one) => await addInstrument(one, input)));
    expect(made.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4]);
    expect(await listInstruments(ctx, { partner: 'acme', current: true }, { limit: 10, offset: 0 })).toMatchObject([
      { version: 4, standing: 'unverified' },
    ]);
  });
});
