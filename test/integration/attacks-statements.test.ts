import { afterAll, beforeAll, describe } from 'vitest';
import type { Connection } from '../../src/db/connection.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { attack, openScene, repels, type BooksScene } from '../attacks.ts';
import { testDatabase } from '../database.ts';
import { earn } from '../support/earnings.ts';

/** Acme and zenith have earned; zenith has its statement of the year until October. */
let scene: BooksScene;
beforeAll(async () => {
  const opened = await openScene(await testDatabase());
  await earn(opened.logins.operator, opened.books, [
    { instance: 'acme-uk', amount: 6000 },
    { instance: 'zenith-de', amount: 2500 },
  ]);
  const ctx = await opened.database.context();
  await generateStatements(ctx, { period: { from: '2026-01-01', to: '2026-11-01', label: '2026' }, partner: 'zenith' });
  scene = opened;
});
afterAll(async () => await scene.database.drop());

interface Said {
  readonly partner?: string;
  readonly from?: string;
  readonly to?: string;
  readonly totals?: string;
  readonly seen?: string;
  readonly more?: string;
  readonly value?: string;
}

const totalsOf = (partner: string, from: string, to: string) =>
  `main.statement_totals(${idOf(partner)}, 'EUR', '${from}', '${to}', clock_timestamp(), pg_current_snapshot())`;
const idOf = (partner: string) => `(select id from main.partners where code = '${partner}')`;

/** A statement as the tool makes one, of acme's October unless told. */
function statement({
  partner = 'acme',
  from = '2026-10-01',
  to = '2026-11-01',
  totals = totalsOf(partner, from, to),
  seen = 'pg_current_snapshot()',
  more = '',
  value = '',
}: Said = {}): string {
  return `insert into main.statements (partner_id, currency, period_from, period_to, seen, content${more})
    values (${idOf(partner)}, 'EUR', '${from}', '${to}', ${seen}, jsonb_build_object('totals', ${totals})${value})`;
}
const says =
  (...lines: string[]) =>
  async ({ sql }: Connection) => {
    for (const line of lines) await sql.unsafe(line);
  };
const OF = `(select id from main.statements where number = 1)`;
const VOID = `insert into main.statement_voids (statement_id, reason) values (${OF}, 'wrong')`;
const closesWith = (cents: number) =>
  `${totalsOf('acme', '2026-10-01', '2026-11-01')} || '{"closing": "${cents}", "wallet": "${cents}"}'`;

describe('a statement says what the ledger says, once, and stays (SEMANTICS §9)', () => {
  repels(
    () => scene,
    [
      attack('a cent more is left', 'RV031', says(statement({ totals: closesWith(6001) }))),
      attack('nothing is said of the figures', 'RV031', says(statement({ totals: 'null::jsonb' }))),
      attack(
        'what was posted is overlooked by an old moment',
        'RV031',
        says(
          statement({
            seen: `'3:3:'`,
            totals: totalsOf('acme', '2026-10-01', '2026-11-01').replace(
              'pg_current_snapshot()',
              `'3:3:'::pg_snapshot`,
            ),
          }),
        ),
      ),
      attack('a month that is not over', 'RV029', says(statement({ from: '2099-10-01', to: '2099-11-01' }))),
      attack('a period that ends before it begins', '23514', says(statement({ from: '2026-10-01', to: '2026-09-01' }))),
      attack('a second one of the same period', 'RV031', says(statement(), statement())),
      attack(
        'one day is told twice',
        'RV031',
        says(statement({ partner: 'zenith', from: '2026-10-31', to: '2026-11-02' })),
      ),
      attack(
        'its place in the order is chosen',
        'RV002',
        says(statement({ more: ', id', value: ', 77' }).replace('values', 'overriding system value values')),
      ),
      attack(
        'its closing changes',
        ['42501', 'RV001'],
        says(`update main.statements set closing_minor = 0, wallet_minor = 0, in_transit_minor = 0 where number = 1`),
      ),
      attack(
        'it is void without a reason',
        ['42501', 'RV001'],
        says(`update main.statements set voided = true where number = 1`),
      ),
      attack(
        'it lives again',
        ['42501', 'RV001'],
        says(VOID, `update main.statements set voided = false where number = 1`),
      ),
      attack('it is void for no reason', '23514', says(VOID.replace('wrong', ''))),
      attack('it is void twice', '23505', says(VOID, VOID)),
      attack('a reason changes', ['42501', 'RV001'], says(VOID, `update main.statement_voids set reason = 'other'`)),
      attack('it goes away', ['42501', 'RV001'], says(`delete from main.statements`)),
    ],
  );
});
