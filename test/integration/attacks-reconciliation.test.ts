import { afterAll, beforeAll, describe } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

/** Acme's 60.00 and zenith's 25.00 are completed by hand; nothing of a bank proves either. */
let scene: BooksScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  const { database, books, logins } = opened;
  const tester = await database.context();
  await earn(logins.operator, books, [
    { instance: 'acme-uk', amount: 6000 },
    { instance: 'zenith-de', amount: 2500 },
  ]);
  const run = (await generatePayouts(tester)).run!;
  await approveRun(await database.context({ actor: 'checker' }), { run });
  await submitPayouts(tester, { run });
  await completePayouts(tester, { payouts: { run } });
  scene = opened;
});
afterAll(async () => await scene.database.drop());

interface Told {
  readonly payout?: string;
  readonly change?: string;
  readonly kind?: string;
  readonly amount?: string;
  readonly booked?: string;
  readonly currency?: string;
  readonly fact?: string;
  readonly report?: string;
}

const payoutOf = (partner: string) =>
  `(select p.id from main.payouts p join main.partners a on a.id = p.partner_id where a.code = '${partner}')`;
const changeOf = (partner: string, status = 'completed') =>
  `(select c.id from main.payout_status_changes c where c.payout_id = ${payoutOf(partner)} and c.status = '${status}')`;
const REPORT = `insert into main.reconciliations (sha256, format, records) values (repeat('a', 64), 'camt.053', 1)`;
const LATEST = '(select max(id) from main.reconciliations)';

/** A record as the tool keeps it, of all of acme's payout unless told. */
function values({
  payout = payoutOf('acme'),
  change = changeOf('acme'),
  kind = 'debited',
  amount = '6000',
  booked = amount,
  currency = 'EUR',
  fact = 'b',
  report = LATEST,
}: Told = {}): string {
  return `(${report}, ${payout}, repeat('${fact}', 64), '1:1', '${kind}', 'number', ${amount}, ${booked}, '${currency}', ${change})`;
}
const record = (...told: Told[]) =>
  `insert into main.bank_records (reconciliation_id, payout_id, fingerprint, place, kind, matched_by, amount_minor, booked_minor, currency, change_id)
    values ${told.map(values).join(', ')}`;
const says =
  (...statements: string[]) =>
  async ({ sql }: Connection) => {
    for (const statement of statements) await sql.unsafe(statement);
    await sql.unsafe('set constraints all immediate');
  };
/** In one statement, as the tool does. */
const told = (...records: Told[]) => says(REPORT, record(...records));

describe('what a bank told proves a payout to the cent, or nothing (SEMANTICS §7)', () => {
  repels(
    () => scene,
    [
      attack('a cent less is recorded', 'RV030', told({ amount: '5999' })),
      attack('a cent more is recorded', 'RV030', told({ amount: '6001' })),
      attack('a second debit proves the same completion', 'RV030', told({}, { fact: 'c' })),
      attack('a part is told by itself', 'RV030', told({ amount: '3000' })),
      attack('the second debit comes in another statement', 'RV030', says(REPORT, record({}), record({ fact: 'c' }))),
      attack(
        'a booking that is used up is used again',
        'RV030',
        says(
          REPORT,
          record({}),
          record({ payout: payoutOf('zenith'), change: changeOf('zenith'), amount: '2500', booked: '6000' }),
        ),
      ),
      attack('two parts come to more', 'RV030', told({ amount: '3000' }, { amount: '3001', fact: 'c' })),
      attack(
        'a booking is not used up',
        'RV030',
        told(
          { booked: '8501' },
          { payout: payoutOf('zenith'), change: changeOf('zenith'), amount: '2500', booked: '8501' },
        ),
      ),
      attack(
        'a booking says two sums',
        'RV030',
        told(
          { booked: '8500' },
          { payout: payoutOf('zenith'), change: changeOf('zenith'), amount: '2500', booked: '8499' },
        ),
      ),
      attack('another payout’s change is proven', 'RV030', told({ change: changeOf('zenith'), amount: '2500' })),
      attack('a submission is proven', 'RV030', told({ change: changeOf('acme', 'processing') })),
      attack('a return proves a completion', 'RV030', told({ kind: 'returned' })),
      attack('another currency proves it', 'RV030', told({ currency: 'USD' })),
      attack('a debit without an amount', '23514', told({ amount: 'null' })),
      attack('a fact proves the same payout twice', '23505', told({}, {})),
      attack('a report that proves nothing is kept', 'RV030', says(REPORT)),
      attack('a record of no report', '23502', says(record({ report: 'null' }))),
      attack(
        'a hash that is none',
        '23514',
        says(`insert into main.reconciliations (sha256, format, records) values ('x', 'camt.053', 1)`),
      ),
    ],
  );
});

describe('what a bank told stays (SEMANTICS §7)', () => {
  const kept = (by: string) => async (tx: Connection) => {
    await told({})(tx);
    await tx.sql.unsafe(by);
  };
  const attacks = [
    `update main.bank_records set amount_minor = 1`,
    `delete from main.bank_records`,
    `truncate main.bank_records`,
    `update main.reconciliations set records = 2`,
    `delete from main.reconciliations`,
  ];
  repels(
    () => scene,
    attacks.map((by) => attack(by, ['42501', 'RV001'], kept(by))),
  );
});
