import type { DoctorCheck } from '../../db/queries/doctor.ts';
import { commerceChecks } from '../../db/queries/doctor-commerce.ts';
import { decisionChecks } from '../../db/queries/doctor-decisions.ts';
import { entryChecks } from '../../db/queries/doctor-entries.ts';
import { instrumentChecks } from '../../db/queries/doctor-instruments.ts';
import { journalChecks } from '../../db/queries/doctor-journals.ts';
import { ledgerChecks } from '../../db/queries/doctor-ledger.ts';
import { metricChecks } from '../../db/queries/doctor-metrics.ts';
import { payoutChecks } from '../../db/queries/doctor-payouts.ts';
import { periodChecks } from '../../db/queries/doctor-periods.ts';
import { precedenceChecks } from '../../db/queries/doctor-precedence.ts';
import { referralChecks } from '../../db/queries/doctor-referrals.ts';
import { attemptChecks } from '../../db/queries/doctor-attempts.ts';
import { noticeChecks } from '../../db/queries/doctor-notices.ts';
import { reconciliationChecks } from '../../db/queries/doctor-reconciliations.ts';
import { requestChecks } from '../../db/queries/doctor-requests.ts';
import { revenueChecks } from '../../db/queries/doctor-revenue.ts';
import { salesChecks } from '../../db/queries/doctor-sales.ts';
import { termsChecks } from '../../db/queries/doctor-terms.ts';
import { statementChecks } from '../../db/queries/doctor-statements.ts';
import { tierChecks } from '../../db/queries/doctor-tiers.ts';
import { windowChecks } from '../../db/queries/doctor-windows.ts';

/** Every invariant of the books that exists so far, in the order in which a difference in one explains the next. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  ...termsChecks,
  ...tierChecks,
  ...revenueChecks,
  ...requestChecks,
  ...decisionChecks,
  ...entryChecks,
  ...precedenceChecks,
  ...windowChecks,
  ...salesChecks,
  ...ledgerChecks,
  ...instrumentChecks,
  ...payoutChecks,
  ...attemptChecks,
  ...noticeChecks,
  ...reconciliationChecks,
  ...commerceChecks,
  ...referralChecks,
  ...metricChecks,
  ...statementChecks,
  ...periodChecks,
  ...journalChecks,
];
