import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKey } from '../../src/secrets/keyring.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { updatePartner } from '../../src/services/partner/update-partner.ts';
import { leaveInFiles } from '../../src/services/payout/called-rail.ts';
import { payoutRegister, submitToFiles } from '../../src/services/payout/payout-register.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { listPayoutFiles, writePayoutFiles } from '../../src/services/payout/write-files.ts';
import { setRailProfile } from '../../src/services/rail/rail-profiles.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { filedBooks, type FiledBooks } from '../support/filed-books.ts';

let database: TestDatabase;
let filed: FiledBooks;
let out: string;
beforeEach(async () => {
  database = await testDatabase();
  filed = await filedBooks(database);
  out = join(filed.directory, 'out');
  mkdirSync(out);
});
afterEach(async () => {
  await database.drop();
  filed.leave();
});

const file = () => join(out, `sepa-main-${filed.numbers.acme}-EUR.xml`);
const submitted = async () => await submitToFiles(filed.maker, { run: filed.run }, out);

describe('a submission', () => {
  it('leaves in a file for each rail and in a register of the rest, and the books agree', async () => {
    const { railFiles, file: register, changes, register: made } = await submitted();
    expect([railFiles, register]).toEqual([[file()], join(out, `payout-register-main-${filed.numbers.zenith}.csv`)]);
    expect(readFileSync(file(), 'utf8')).toContain('<IBAN>DE89370400440532013000</IBAN>');
    expect(readFileSync(register!, 'utf8')).not.toContain(filed.numbers.acme);
    expect(made?.totals).toEqual([{ currency: 'EUR', payouts: 1, sent: '25.00' }]);
    expect(changes).toMatchObject([{ payout: filed.numbers.acme, from: 'Acme Größe', to: 'Acme Grosse' }]);
    expect((await runDoctor(filed.maker)).differences).toBe(0);
  });

  it('is refused whole where nobody says where its files go, and nothing has moved', async () => {
    expect(await leaveInFiles(filed.maker, { run: filed.run })).toBe(true);
    await expect(submitToFiles(filed.maker, { run: filed.run }, null)).rejects.toMatchObject({
      ...{ code: 'missing_input', message: 'missing: --out <file>', exitCode: 2 },
      hint: expect.stringContaining(filed.numbers.acme) as string,
    });
    const [row] = await filed.maker.db.sql`select count(*)::int as ready from payouts where status = 'ready'`;
    expect(row).toEqual({ ready: 2 });
  });

  it('is refused whole without the key, and nothing has moved', async () => {
    writeFileSync(filed.maker.keys.file, `${newKey().bytes.toString('base64')}\n`);
    await expect(submitted()).rejects.toMatchObject({ code: 'key_wrong', exitCode: 4 });
    rmSync(filed.maker.keys.file);
    await expect(submitted()).rejects.toMatchObject({ code: 'keys_missing', exitCode: 4 });
    expect(readdirSync(out)).toEqual([]);
    const [row] = await filed.maker.db.sql`select count(*)::int as ready from payouts where status = 'ready'`;
    expect(row).toEqual({ ready: 2 });
  });

  it('that cannot write its files says so, and they are made of the books', async () => {
    mkdirSync(file());
    await expect(submitted()).rejects.toMatchObject({
      code: 'files_not_written',
      exitCode: 6,
      hint: `do not submit again; write them: revshare payout files ${filed.numbers.acme} --out DIRECTORY`,
    });
    rmSync(file(), { recursive: true });
    expect(await writePayoutFiles(filed.maker, { numbers: [filed.numbers.acme] }, out)).toMatchObject([
      { file: file(), unchanged: false },
    ]);
  });

  it('whose command was killed after the commit loses nothing', async () => {
    const { files } = await submitPayouts(filed.maker, { run: filed.run });
    const [again] = await writePayoutFiles(filed.maker, { run: filed.run }, out);
    expect(readFileSync(again!.file!, 'utf8')).toBe(files[0]!.content);
  });

  it('is all by file, and has no register, where everybody has an instrument', async () => {
    await submitToFiles(filed.maker, { numbers: [filed.numbers.acme] }, out);
    expect(readdirSync(out)).toEqual([`sepa-main-${filed.numbers.acme}-EUR.xml`]);
    await expect(payoutRegister(filed.maker, { numbers: [filed.numbers.acme] })).rejects.toMatchObject({
      code: 'no_register',
    });
    await expect(writePayoutFiles(filed.maker, { numbers: [filed.numbers.zenith] }, out)).rejects.toMatchObject({
      code: 'no_files',
    });
  });

  it('takes the register by name, and writes the files beside it', async () => {
    const { file: register } = await submitToFiles(filed.maker, { run: filed.run }, join(out, 'register.csv'));
    expect(register).toBe(join(out, 'register.csv'));
    expect(readdirSync(out).sort()).toEqual(
      ['register.csv', 'register.csv.control.json', `sepa-main-${filed.numbers.acme}-EUR.xml`].sort(),
    );
  });
});

describe('a file', () => {
  it('is the same bytes again, after a payment, a new name and a new profile', async () => {
    await submitted();
    const before = readFileSync(file(), 'utf8');
    await completePayouts(filed.maker, { payouts: { numbers: [filed.numbers.acme] } });
    await updatePartner(filed.maker, 'acme', { name: 'Acme Renamed' });
    await setRailProfile(filed.maker, 'sepa', { name: 'Northwind Renamed', batch_booking: 'no' });
    expect(await writePayoutFiles(filed.maker, { run: filed.run }, out)).toMatchObject([{ unchanged: true }]);
    rmSync(file());
    await writePayoutFiles(filed.maker, { run: filed.run }, out);
    expect(readFileSync(file(), 'utf8')).toBe(before);
    expect(await listPayoutFiles(filed.maker, { run: filed.run })).toMatchObject([{ rail: 'sepa', total: '60.00' }]);
  });

  it('is never written over another', async () => {
    await submitted();
    writeFileSync(file(), 'something else');
    await expect(writePayoutFiles(filed.maker, { run: filed.run }, out)).rejects.toMatchObject({ code: 'file_exists' });
    expect(readFileSync(file(), 'utf8')).toBe('something else');
  });

  it('that would be another is not made: something was changed behind its back', async () => {
    await submitted();
    await database.admin().sql.unsafe(`
      begin; set local session_replication_role = replica; update rail_profiles set profile = profile || '{"name": "Mallory"}'; commit`);
    await expect(writePayoutFiles(filed.maker, { run: filed.run }, out)).rejects.toMatchObject({
      code: 'file_differs',
      exitCode: 5,
    });
  });
});
