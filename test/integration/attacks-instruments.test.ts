import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { addInstrument } from '../../src/services/instrument/add-instrument.ts';
import { verifyInstrument } from '../../src/services/instrument/change-instrument.ts';
import { initKeys } from '../../src/services/keys/manage-keys.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { attack, openScene, refusal, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { beginRun, draft, find, give, write } from '../support/drafted-run.ts';
import { earn } from '../support/earnings.ts';

interface InstrumentScene extends BooksScene {
  /** By code: acme/EUR/1 gave way to /2, which tester added and nobody verified; zenith/EUR/1 is verified and usable. */
  readonly id: Readonly<Record<string, number>>;
  /** Of zenith: approved by checker, ready. Both partners have more due. */
  readonly approved: number;
}

const directory = mkdtempSync(join(tmpdir(), 'revshare-keys-'));
const keys = { text: null, file: join(directory, 'keys') };
const details = { iban: 'DE89370400440532013000' };

let scene: InstrumentScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const maker = { ...(await database.context({ actor: 'maker' })), keys };
  const checker = { ...(await database.context({ actor: 'checker' })), keys };
  const tester = { ...(await database.context()), keys };
  await initKeys(maker);
  await setSetting(maker, { key: 'instrument_cooloff', value: '0', from: '2026-01-01' });
  await addInstrument(maker, { partner: 'zenith', currency: 'EUR', kind: 'iban', details });
  await verifyInstrument(checker, { partner: 'zenith', currency: 'EUR', version: null });
  await earn(logins.operator, books, [{ instance: 'zenith-de', amount: 2500 }]);
  const approved = (await generatePayouts(maker, { partner: 'zenith' })).run!;
  await approveRun(checker, { run: approved });
  await earn(logins.operator, books, [
    { instance: 'zenith-de', amount: 900 },
    { instance: 'acme-uk', amount: 700 },
  ]);
  await setSetting(maker, { key: 'instrument_cooloff', value: '5', from: '2026-01-01' });
  await addInstrument(maker, { partner: 'acme', currency: 'EUR', kind: 'iban', details });
  await addInstrument(tester, { partner: 'acme', currency: 'EUR', kind: 'iban', details });
  await addInstrument(maker, { partner: 'acme', currency: 'USD', kind: 'manual', details: {} });
  const rows = await logins.operator.sql<{ code: string; id: number }[]>`
    select p.code || '/' || i.currency || '/' || i.version as code, i.id::int from instruments i join partners p on p.id = i.partner_id`;
  scene = {
    ...opened,
    id: Object.fromEntries(rows.map(({ code, id }) => [code, id])),
    approved,
  };
});
afterAll(async () => {
  await scene.database.drop();
  rmSync(directory, { recursive: true });
});

const says = (statement: (s: InstrumentScene) => string) => async (tx: Connection, s: InstrumentScene) =>
  await tx.sql.unsafe(statement(s));

const partnerId = (code: string) => `(select id from main.partners where code = '${code}')`;
const instrument = (partner: string, version: number, more = 'usable_on', value = `'2020-01-01'`) =>
  `insert into main.instruments (partner_id, currency, version, kind, mask, ${more}) values (${partnerId(partner)}, 'EUR', ${version}, 'manual', 'x', ${value})`;
const verification = (id: number | undefined) =>
  `insert into main.instrument_verifications (instrument_id) values (${id})`;
const seal = (id: number | undefined, key = 'ffffffffffff') =>
  `insert into main.instrument_seals (instrument_id, key_id, sealed) values (${id}, '${key}', decode(repeat('00', 40), 'hex'))`;

const deductions = (ppm: string, valid: string, partner = 'acme') =>
  `insert into main.deduction_terms (partner_id, withholding_ppm, fees, valid, known_seq)
   values (${partnerId(partner)}, ${ppm}, '{}', ${valid}, main.draw_known_seq('x'));`;

describe('instruments (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack(
        'who added it verifies it',
        ['RV014', null],
        says(({ id }) => verification(id['acme/EUR/2'])),
      ),
      attack(
        'who added it verifies it in another’s name',
        ['RV014', null],
        says(
          ({ id }) =>
            `insert into main.instrument_verifications (instrument_id, created_by) values (${id['acme/EUR/2']}, 'checker')`,
        ),
      ),
      attack(
        'a version that gave way is verified',
        'RV004',
        says(({ id }) => verification(id['acme/EUR/1'])),
      ),
      attack(
        'what is retired is verified',
        'RV004',
        says(
          ({ id }) =>
            `insert into main.instrument_retirements (instrument_id, reason) values (${id['acme/USD/1']}, 'x'); ${verification(id['acme/USD/1'])}`,
        ),
      ),
      attack(
        'a version is left out',
        'RV002',
        says(() => instrument('acme', 4)),
      ),
      attack(
        'a version is made again',
        'RV002',
        says(() => instrument('acme', 2)),
      ),
      attack(
        'an account has no data',
        'RV025',
        says(() => instrument('acme', 3).replace("'manual'", "'iban'")),
      ),
      attack(
        'what is paid by hand has an account',
        'RV025',
        says(({ id }) => seal(id['acme/USD/1'])),
      ),
      attack(
        'an account is exchanged under its version',
        ['42501', 'RV001'],
        says(
          ({ id }) =>
            `update main.instrument_seals set sealed = decode(repeat('00', 40), 'hex') where instrument_id = ${id['zenith/EUR/1']}`,
        ),
      ),
      attack(
        'the cool-off is shortened',
        ['42501', 'RV001'],
        says(() => `update main.instruments set usable_on = '2020-01-01'`),
      ),
      attack(
        'a verification is taken over',
        ['42501', 'RV001'],
        says(({ id }) => `update main.instrument_verifications set instrument_id = ${id['acme/EUR/2']}`),
      ),
      attack('a payout is made for an unverified instrument', 'RV025', async (tx) => await draft(tx, 'acme-uk')),
      attack('a payout is made for a retired instrument', 'RV025', async (tx, { id }) => {
        await tx.sql.unsafe(
          `insert into main.instrument_retirements (instrument_id, reason) values (${id['zenith/EUR/1']}, 'x')`,
        );
        await draft(tx, 'zenith-de');
      }),
      attack('a payout is made for an instrument that gave way once it was found', 'RV025', async (tx) => {
        const run = await beginRun(tx);
        await find(tx, 'zenith-de');
        await tx.sql.unsafe(instrument('zenith', 2));
        await give(tx, 'zenith-de');
        await write(tx, run);
      }),
      attack(
        'a payout goes elsewhere than it was made for',
        ['42501', 'RV001'],
        says(({ id }) => `update main.payouts set instrument_id = ${id['acme/EUR/2']}`),
      ),
      attack(
        'what is submitted goes to an instrument that gave way',
        'RV025',
        says(
          ({ approved }) => `${instrument('zenith', 2)};
          insert into main.postings (kind) values ('payout');
          insert into main.payout_status_changes (payout_id, status, posting_id)
          select id, 'processing', (select max(id) from main.postings) from main.payouts where run_id = ${approved}`,
        ),
      ),
    ],
  );

  repels(
    () => scene,
    [
      attack(
        'deductions are said twice of one time',
        '23P01',
        says(() => `${deductions('1', "'[2026-01-01,)'")} ${deductions('2', "'[2026-06-01,)'")}`),
      ),
      attack(
        'a form is on file for everybody',
        '23514',
        says(
          () =>
            `insert into main.deduction_terms (form, fees, valid, known_seq) values ('w9', '{}', '[2026-01-01,)', main.draw_known_seq('x'))`,
        ),
      ),
      attack(
        'a fee is no whole amount',
        '23514',
        says(() => deductions('1', "'[2026-01-01,)'").replace("'{}'", `'{"EUR": 1.5}'`)),
      ),
      attack(
        'deductions are changed in place',
        ['42501', 'RV001'],
        says(() => `${deductions('1', "'[2026-01-01,)'")} update main.deduction_terms set withholding_ppm = 2`),
      ),
    ],
  );

  it('cools off by what the settings say, whatever the insert says', async () => {
    await refusal(scene.logins.operator, async ({ sql }) => {
      const [row] = await sql.unsafe(
        `${instrument('acme', 3)} returning usable_on = main.business_today() + 5 as cools, created_by`,
      );
      expect(row).toEqual({ cools: true, created_by: 'tester' });
    });
  });

  it('stays as it was added when the setting is lowered afterwards', async () => {
    const ctx = await scene.database.context();
    await setSetting(ctx, { key: 'instrument_cooloff', value: '0', from: '2026-01-01' });
    const [row] = await ctx.db.sql`
      select usable_on > main.business_today() as cools from instruments where id = ${scene.id['acme/EUR/2']!}`;
    expect(row).toEqual({ cools: true });
  });

  it('keeps the version it pays', async () => {
    const [row] = await scene.logins.operator
      .sql`select instrument_id::int as id from payouts where run_id = ${scene.approved}`;
    expect(row).toEqual({ id: scene.id['zenith/EUR/1'] });
  });

  it('is paid to by the version that counts, so that what is refused above is refused for what it says', async () => {
    await refusal(scene.logins.operator, async (tx) => {
      const [row] = await tx.sql`
        select instrument_id::int as id from payouts where run_id = ${await draft(tx, 'zenith-de')}`;
      expect(row).toEqual({ id: scene.id['zenith/EUR/1'] });
    });
  });

  it('shows an auditor that it is sealed and by which key, and not the seal', async () => {
    const { auditor } = scene.logins;
    expect(
      await refusal(auditor, async ({ sql }) => await sql`select instrument_id, key_id from main.instrument_seals`),
    ).toBe('nothing');
    expect(await refusal(auditor, async ({ sql }) => await sql`select sealed from main.instrument_seals`)).toBe(
      '42501',
    );
    const [line] = await auditor.sql`select after from main.audit_log where table_name = 'instrument_seals' limit 1`;
    expect(Object.keys(line!['after'] as object).sort()).toEqual(['created_by', 'instrument_id', 'recorded_at']);
  });
});
