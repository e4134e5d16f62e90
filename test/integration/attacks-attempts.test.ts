import { afterAll, beforeAll, describe } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { sendAttempts } from '../../src/services/payout/send-attempts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { attack, attackers, repels, type Logins } from '../attacks.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { ACCOUNTS, apiBooks, type ApiBooks } from '../support/api-books.ts';

interface ApiScene {
  readonly database: TestDatabase;
  readonly logins: Logins;
  readonly api: ApiBooks;
  /** Acme's was refused for now, zenith's is open; the others are approved and not submitted. */
  readonly numbers: Readonly<Record<'acme' | 'zenith', string>>;
  readonly ready: Readonly<Record<'acme' | 'zenith', string>>;
}

let scene: ApiScene;
beforeAll(async () => {
  const database = await testDatabase();
  const api = await apiBooks(database, 'stripe');
  const run = await api.ready();
  api.fake.fates = new Map([[ACCOUNTS.stripe.acme, ['refused']]]);
  api.fake.troubles = [null, 'cut_before'];
  const { attempts } = await submitPayouts(api.maker, { run });
  // One after the other, for the second call is the one that is cut.
  for (const id of attempts) await sendAttempts(api.maker, { ids: [id] }, { fresh: true });
  const numbers = await api.numbers();
  await api.ready();
  scene = { database, api, numbers, ready: await api.numbers(), logins: await attackers(database) };
});
afterAll(async () => {
  await scene.api.leave();
  await scene.database.drop();
});

const says = (statement: (s: ApiScene) => string) => async (tx: Connection, s: ApiScene) =>
  await tx.sql.unsafe(statement(s));
const attempt = (number: string, more: { nth?: number; key?: string; rail?: string } = {}) =>
  `insert into main.payout_attempts (payout_id, nth, rail_profile_id, key)
   select id, ${more.nth ?? 2}, ${more.rail ?? '(select max(id) from main.rail_profiles)'}, ${more.key ?? 'gen_random_uuid()'}
   from main.payouts where number = '${number}';`;
const outcome = (number: string, said: string, provider = `'tr_9'`) =>
  `insert into main.payout_attempt_outcomes (attempt_id, outcome, provider_id, code)
   select a.id, '${said}', ${provider}, 'told' from main.payout_attempts a join main.payouts p on p.id = a.payout_id where p.number = '${number}';`;
const fails = (number: string) =>
  `insert into main.postings (kind) values ('payout');
   insert into main.payout_status_changes (payout_id, status, reason, posting_id)
   select id, 'failed', 'told so', (select max(id) from main.postings) from main.payouts where number = '${number}';`;

describe('attempts at paying by a provider (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack(
        'a second attempt is made while the first is open',
        'RV037',
        says(({ numbers }) => attempt(numbers.zenith)),
      ),
      attack(
        'a payout is attempted that was not submitted',
        'RV037',
        says(({ ready }) => attempt(ready.acme)),
      ),
      attack(
        'two attempts follow one refusal',
        'RV037',
        says(({ numbers }) => attempt(numbers.acme) + attempt(numbers.acme)),
      ),
      attack(
        'a payout fails while nobody knows whether it arrived',
        'RV037',
        says(({ numbers }) => fails(numbers.zenith)),
      ),
      attack(
        'an attempt that has ended gets another end',
        'RV037',
        says(({ numbers }) => outcome(numbers.acme, 'paid')),
      ),
      attack(
        'a provider says paid, and the books do not',
        'RV037',
        says(({ numbers }) => `${outcome(numbers.zenith, 'paid')} set constraints all immediate`),
      ),
      attack(
        'what was paid has no name at the provider',
        '23514',
        says(({ numbers }) => outcome(numbers.zenith, 'paid', 'null')),
      ),
      attack(
        'a payment of the provider is of two attempts',
        'RV037',
        says(
          ({ numbers }) =>
            `${attempt(numbers.acme)} insert into main.payout_attempt_outcomes (attempt_id, outcome, provider_id)
             select max(id), 'accepted', 'tr_9' from main.payout_attempts; ${outcome(numbers.zenith, 'accepted')}`,
        ),
      ),
      attack(
        'what was sent to a provider is in a file, too',
        'RV037',
        says(
          ({ numbers }) =>
            `insert into main.payout_file_lines (payout_id, file_id) select id, 1 from main.payouts where number = '${numbers.acme}'`,
        ),
      ),
      attack(
        'an attempt takes another key',
        ['42501', 'RV001'],
        says(() => `update main.payout_attempts set key = gen_random_uuid()`),
      ),
      attack(
        'an attempt is forgotten',
        ['42501', 'RV001'],
        says(() => `delete from main.payout_attempts`),
      ),
      attack(
        'an answer is changed',
        ['42501', 'RV001'],
        says(() => `update main.payout_attempt_outcomes set outcome = 'refused'`),
      ),
      attack(
        'an event is told twice',
        '23505',
        says(() => {
          const told = `insert into main.webhook_events (provider, event_id, type, sha256, outcome)
            values ('stripe', 'evt_1', 'transfer.created', repeat('0', 64), 'unrelated');`;
          return told + told;
        }),
      ),
      attack(
        'an event is forgotten',
        ['42501', 'RV001'],
        says(() => `delete from main.webhook_events`),
      ),
    ],
  );
});
