import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { attack, attackers, refusal, repels, type Logins } from '../attacks.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';
import { filedBooks, type FiledBooks } from '../support/filed-books.ts';

interface RailScene {
  readonly database: TestDatabase;
  readonly logins: Logins;
  readonly filed: FiledBooks;
  /** Of zenith, in a run that is a draft. */
  readonly drafted: string;
}

let scene: RailScene;
beforeAll(async () => {
  const database = await testDatabase();
  const filed = await filedBooks(database);
  await submitPayouts(filed.maker, { run: filed.run });
  const logins = await attackers(database);
  await earn(logins.operator, filed.books, [{ instance: 'zenith-de', amount: 100 }]);
  const drafted = (await generatePayouts(filed.maker)).payouts[0]!.number;
  scene = { database, filed, drafted, logins };
});
afterAll(async () => {
  await scene.database.drop();
  scene.filed.leave();
});

const says = (statement: (s: RailScene) => string) => async (tx: Connection, s: RailScene) =>
  await tx.sql.unsafe(statement(s));

/** A file of the submission that there was, as the tool would write it but for what is told. */
const file = (over: { payouts?: number; total?: number; name?: string } = {}) =>
  `insert into main.payout_files (posting_id, rail_profile_id, currency, part, name, payouts, total_minor, sha256, facts)
   select posting_id, rail_profile_id, currency, 2, '${over.name ?? 'second.xml'}', ${over.payouts ?? 1}, ${over.total ?? 2500}, sha256, facts
   from main.payout_files limit 1;`;
const line = (number: string, of = 'max') =>
  `insert into main.payout_file_lines (payout_id, file_id)
   select p.id, (select ${of}(id) from main.payout_files) from main.payouts p where p.number = '${number}';`;

describe('files of rails (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack(
        'a payout is in two files',
        '23505',
        says(({ filed }) => file({ total: 6000 }) + line(filed.numbers.acme)),
      ),
      attack(
        'what is paid by hand is in a file, too',
        'RV013',
        says(({ filed }) => file() + line(filed.numbers.zenith)),
      ),
      attack(
        'a file pays nothing of what it says',
        'RV013',
        says(() => file()),
      ),
      attack(
        'a payout is added to a file that is written',
        'RV002',
        says(({ filed }) => line(filed.numbers.zenith, 'min')),
      ),
      attack(
        'the payouts of a file are said one after another, of which the later is not proved with it',
        'RV002',
        says(({ filed, drafted }) => file() + line(filed.numbers.zenith) + line(drafted)),
      ),
      attack(
        'a file leads out of its directory',
        '23514',
        says(() => file({ name: '../register.csv' })),
      ),
      attack(
        'a hash is exchanged',
        ['42501', 'RV001'],
        says(() => `update main.payout_files set sha256 = repeat('0', 64)`),
      ),
      attack(
        'a payout leaves its file',
        ['42501', 'RV001'],
        says(() => `update main.payout_file_lines set file_id = 2`),
      ),
      attack(
        'another account pays',
        ['42501', 'RV001'],
        says(() => `update main.rail_profiles set profile = '{"iban": "DE89370400440532013000"}'`),
      ),
      attack(
        'a profile says more than texts',
        '23514',
        says(() => `insert into main.rail_profiles (rail, profile) values ('sepa', '{"iban": {"a": 1}}')`),
      ),
    ],
  );

  it('numbers profiles in their order, whatever the insert says', async () => {
    await refusal(scene.logins.operator, async ({ sql }) => {
      const rows = await sql.unsafe(
        `insert into main.rail_profiles (rail, version, profile) values ('sepa', 9, '{}'), ('wise', 9, '{}') returning version, created_by`,
      );
      expect([...rows]).toEqual([
        { version: 2, created_by: 'tester' },
        { version: 1, created_by: 'tester' },
      ]);
    });
  });
});
