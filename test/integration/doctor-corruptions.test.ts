import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/connection.ts';
import { DOCTOR_CHECKS } from '../../src/services/doctor/checks.ts';
import { examine, runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import {
  DECISIONS_CORRUPTIONS,
  ENTRIES_CORRUPTIONS,
  LEDGER_CORRUPTIONS,
  SALES_CORRUPTIONS,
} from '../support/corruptions-decided.ts';
import { COMMERCE_CORRUPTIONS } from '../support/corruptions-commerce.ts';
import { INSTRUMENT_CORRUPTIONS } from '../support/corruptions-instruments.ts';
import { INVOICE_CORRUPTIONS } from '../support/corruptions-invoices.ts';
import { METRIC_CORRUPTIONS } from '../support/corruptions-metrics.ts';
import { PAID_CORRUPTIONS } from '../support/corruptions-paid.ts';
import { ATTEMPT_CORRUPTIONS } from '../support/corruptions-attempts.ts';
import { NOTICE_CORRUPTIONS } from '../support/corruptions-notices.ts';
import { RECONCILED_CORRUPTIONS } from '../support/corruptions-reconciled.ts';
import { PERIOD_CORRUPTIONS } from '../support/corruptions-periods.ts';
import { REFERRAL_CORRUPTIONS } from '../support/corruptions-referrals.ts';
import { REQUEST_CORRUPTIONS } from '../support/corruptions-requests.ts';
import { STATEMENT_CORRUPTIONS } from '../support/corruptions-statements.ts';
import { TIER_CORRUPTIONS } from '../support/corruptions-tiers.ts';
import { WINDOW_CORRUPTIONS } from '../support/corruptions-windows.ts';
import { REVENUE_CORRUPTIONS, TERMS_CORRUPTIONS } from '../support/corruptions-recorded.ts';

/** As a superuser with every trigger and foreign key asleep: what no guard can see, doctor must. */
let database: TestDatabase;
let admin: Database;
beforeAll(async () => {
  database = await testDatabase();
  await paidBooks(await database.context(), await database.context({ actor: 'checker' }));
  admin = database.admin();
});
afterAll(async () => await database.drop());

const ALL = [
  ...TERMS_CORRUPTIONS,
  ...TIER_CORRUPTIONS,
  ...REVENUE_CORRUPTIONS,
  ...REQUEST_CORRUPTIONS,
  ...DECISIONS_CORRUPTIONS,
  ...ENTRIES_CORRUPTIONS,
  ...SALES_CORRUPTIONS,
  ...LEDGER_CORRUPTIONS,
  ...INSTRUMENT_CORRUPTIONS,
  ...PAID_CORRUPTIONS,
  ...ATTEMPT_CORRUPTIONS,
  ...NOTICE_CORRUPTIONS,
  ...RECONCILED_CORRUPTIONS,
  ...WINDOW_CORRUPTIONS,
  ...COMMERCE_CORRUPTIONS,
  ...REFERRAL_CORRUPTIONS,
  ...METRIC_CORRUPTIONS,
  ...STATEMENT_CORRUPTIONS,
  ...PERIOD_CORRUPTIONS,
  ...INVOICE_CORRUPTIONS,
];

describe('doctor on corrupted books', () => {
  it.each(ALL)('%s names it', async (name, sql, says) => {
    const check = DOCTOR_CHECKS.find((one) => one.name === name)!;
    const undone = new Error('undone');
    let result: Awaited<ReturnType<typeof examine>> = [];
    await admin
      .transaction(async (tx) => {
        await tx.sql.unsafe(`set local session_replication_role = replica; ${sql}`);
        // Every check runs, because a corruption must not make another one fail instead of answer.
        result = await examine(tx, DOCTOR_CHECKS, { decided: null, today: '2026-11-21', negativeDays: 90 });
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    const found = result.find((one) => one.name === name);
    expect(found).toMatchObject({ result: check.weight });
    expect(found?.offenders).toBeGreaterThan(0);
    expect(
      found?.first.find((text) => says.test(text)),
      found?.first.join('\n'),
    ).toBeDefined();
  });

  it('has a corruption for every check', () => {
    const planted = new Set(ALL.map(([name]) => name));
    expect(DOCTOR_CHECKS.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });

  it('shows the first five offenders and counts all', async () => {
    await admin.sql.unsafe(
      `begin; set local session_replication_role = replica; update entries set known_seq = 999; commit`,
    );
    const ctx = await database.context();
    const { checks, differences } = await runDoctor(ctx, { only: ['entry_known'] });
    expect(checks).toMatchObject([{ name: 'entry_known', result: 'difference', offenders: 16 }]);
    expect(checks[0]?.first).toHaveLength(5);
    expect(differences).toBe(1);
  });
});
