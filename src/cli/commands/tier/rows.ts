import { divRoundHalfAwayFromZero, formatMinor } from '../../../domain/money.ts';
import type { EvaluationRow } from '../../../services/tier/list-evaluations.ts';
import type { Tier } from '../../../services/tier/list-tiers.ts';
import type { PinnedPartner } from '../../../services/tier/pin-tier.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument } from '../../parameters.ts';
import { partnerChoices, tierChoices } from '../../choices.ts';

const c = columnsOf<Tier>();

/** A tier: what it asks for a month, what it pays, what else it gives. */
export const tierRows: NounRows<Tier> = {
  noun: 'tier',
  plural: 'tiers',
  id: (row) => row.tier,
  columns: [
    c.code('tier', (row) => row.tier),
    c.text('name', (row) => row.name, { detail: true }),
    c.number('rank', (row) => row.rank, { detail: true }),
    c.money('min_revenue', (row) => ({ minor: row.minRevenueMinor, currency: row.currency })),
    c.code('currency', (row) => row.currency),
    c.number('min_customers', (row) => row.minCustomers),
    c.rate('rate', (row) => row.ratePpm),
    c.text('support', (row) => row.support),
    c.flag('account_manager', (row) => row.accountManager),
    c.number('api_calls_hour', (row) => row.apiCallsHour),
    c.text('benefits', (row) => Object.entries(row.benefits).map(([name, value]) => `${name}=${value}`)),
    c.date('from', (row) => row.from, { aside: true }),
    c.date('to', (row) => row.to, { aside: true }),
    c.number('known_seq', (row) => row.knownSeq, { detail: true }),
    c.number('retired_seq', (row) => row.retiredSeq, { detail: true }),
    c.actor('set_by', (row) => row.createdBy, { detail: true }),
    c.instant('set_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** '100.00 USD at 0.92': an amount of the window, and the rate by which it counts. */
function amountText({ currency, minor, rate }: EvaluationRow['amounts'][number]): string {
  return `${formatMinor(BigInt(minor), currency)} ${currency}${rate === null ? '' : ` at ${rate}`}`;
}

const e = columnsOf<EvaluationRow>();

/** What a partner was found to have at a month-end, and what followed. */
export const evaluationRows: NounRows<EvaluationRow> = {
  noun: 'evaluation',
  plural: 'evaluations',
  id: (row) => row.partner,
  columns: [
    e.date('evaluated_on', (row) => row.evaluatedOn),
    e.code('partner', (row) => row.partner),
    e.money('revenue', (row) => ({
      minor: divRoundHalfAwayFromZero(row.revenue, BigInt(row.policy.months)),
      currency: row.currency,
    })),
    e.code('currency', (row) => row.currency),
    e.number('customers', (row) => row.customers),
    e.code('tier', (row) => row.tierFrom),
    e.code('qualifies_for', (row) => row.qualifiesFor),
    e.code('verdict', (row) => row.verdict),
    e.code('to', (row) => row.tier),
    e.date('from', (row) => row.approvedFrom ?? row.effectiveOn),
    e.number('misses', (row) => row.misses),
    e.code('mode', (row) => row.policy.mode, { aside: true }),
    e.number('window_months', (row) => row.policy.months, { detail: true }),
    e.number('grace', (row) => row.policy.grace, { detail: true }),
    e.number('tenure_months', (row) => row.policy.tenureMonths, { detail: true }),
    e.amounts('amounts', (row) => row.amounts.map(amountText), { detail: true }),
    e.actor('approved_by', (row) => row.approvedBy, { aside: true }),
    e.actor('evaluated_by', (row) => row.createdBy, { detail: true }),
    e.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const p = columnsOf<PinnedPartner>();

/** A tier that a person keeps a partner in. */
export const pinRows: NounRows<PinnedPartner> = {
  noun: 'pin',
  plural: 'pins',
  id: (row) => row.partner,
  columns: [
    p.code('partner', (row) => row.partner),
    p.code('tier', (row) => row.tier),
    p.date('from', (row) => row.startsOn),
    p.date('until', (row) => row.until),
    p.text('reason', (row) => row.reason),
    p.actor('pinned_by', (row) => row.createdBy),
    p.instant('pinned_at', (row) => row.recordedAt, { detail: true }),
    p.text('release_reason', (row) => row.releaseReason, { aside: true }),
    p.actor('released_by', (row) => row.releasedBy, { detail: true }),
    p.instant('released_at', (row) => row.releasedAt, { detail: true }),
  ],
};

export const partner = argument<string>('PARTNER', 'the partner', {
  ask: { message: 'Partner:', choices: partnerChoices },
});
export const tier = argument<string>('TIER', 'the tier', { ask: { message: 'Tier:', choices: tierChoices } });
