import {
  explainTier,
  type ExplainedBenefit,
  type ExplainedMeasure,
  type ExplainedTier,
} from '../../../services/tier/explain-tier.ts';
import { forecastTiers, type TierForecast } from '../../../services/tier/forecast-tiers.ts';
import {
  tierHistory,
  type PartnerTierRow,
  type PinRow,
  type TierHistory,
} from '../../../services/tier/list-evaluations.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { evaluated, withRevenue } from './example.ts';
import { evaluationRows, partner } from './rows.ts';

const x = columnsOf<ExplainedTier>();
const m = columnsOf<ExplainedMeasure>();
const b = columnsOf<ExplainedBenefit>();

export const explain = showCommand<ExplainedTier>({
  noun: 'tier',
  plural: 'tiers',
  id: (row) => row.partner,
  verb: 'explain',
  summary: 'tell why a partner is in its tier, and what it takes to rise or fall',
  description:
    'What has come in of the window of this month’s evaluation, up to yesterday: each measure beside what its tier and the ' +
    'next one ask, what would be lost with the tier and won with the next, and the month-end at which it is lowered if it ' +
    'goes on like this.',
  argument: partner,
  columns: [
    x.code('partner', (row) => row.partner),
    x.code('tier', (row) => row.tier),
    x.date('since', (row) => row.since),
    x.date('pinned_until', (row) => row.pinnedUntil),
    x.date('evaluated_on', (row) => row.evaluatedOn),
    x.number('window_months', (row) => row.policy.months),
    x.code('mode', (row) => row.policy.mode),
    x.code('qualifies_for', (row) => row.verdict.qualifiesFor),
    x.code('verdict', (row) => row.verdict.verdict),
    x.number('misses', (row) => row.misses),
    x.number('grace', (row) => row.policy.grace),
    x.date('lowered_on', (row) => row.loweredOn),
    x.code('below', (row) => row.below),
    x.code('next', (row) => row.next),
  ],
  sections: [
    section(
      'measures',
      [
        m.text('measure', (row) => row.measure),
        m.text('has', (row) => row.has),
        m.text('asked', (row) => row.asked),
        m.text('next', (row) => row.next),
        m.text('missing', (row) => row.missing),
      ],
      (row) => row.measures,
    ),
    section(
      'benefits',
      [
        b.text('what', (row) => row.what),
        b.text('below', (row) => row.below),
        b.text('now', (row) => row.now),
        b.text('next', (row) => row.next),
      ],
      (row) => row.benefits,
    ),
  ],
  find: explainTier,
  examples: [withRevenue('tier explain acme'), withRevenue('tier explain acme --json')],
});

const h = columnsOf<TierHistory>();
const d = columnsOf<PartnerTierRow>();
const p = columnsOf<PinRow>();

export const history = showCommand<TierHistory>({
  noun: 'tier',
  plural: 'tiers',
  id: (row) => row.partner,
  verb: 'history',
  summary: 'show every tier of a partner, and what made it so',
  argument: partner,
  columns: [h.code('partner', (row) => row.partner), h.code('tier', (row) => row.tier)],
  sections: [
    section(
      'tiers',
      [
        d.code('tier', (row) => row.tier),
        d.date('from', (row) => row.from),
        d.date('to', (row) => row.to),
        d.code('by', (row) => row.cause),
        d.actor('set_by', (row) => row.createdBy),
        d.instant('set_at', (row) => row.recordedAt),
      ],
      (row) => row.days,
    ),
    section(
      'evaluations',
      evaluationRows.columns.filter(({ name }) => name !== 'partner'),
      (row) => row.evaluations,
    ),
    section(
      'pins',
      [
        p.code('tier', (row) => row.tier),
        p.date('from', (row) => row.startsOn),
        p.date('until', (row) => row.until),
        p.text('reason', (row) => row.reason),
        p.actor('pinned_by', (row) => row.createdBy),
        p.text('release_reason', (row) => row.releaseReason),
        p.actor('released_by', (row) => row.releasedBy),
        p.instant('released_at', (row) => row.releasedAt, { detail: true }),
      ],
      (row) => row.pins,
    ),
  ],
  find: tierHistory,
  examples: [evaluated('tier history acme'), evaluated('tier history acme --json')],
});

const f = columnsOf<TierForecast>();

export const forecast = listCommand({
  noun: 'forecast',
  plural: 'forecasts',
  verb: 'forecast',
  summary: 'tell what this month’s evaluation would say',
  description:
    'Asks the evaluator of the nightly job twice of each partner: of what has come in up to yesterday, and of what that ' +
    'comes to if the rest of the month goes like its days so far. Customers are those that paid so far. Writes nothing.',
  id: (row) => row.partner,
  columns: [
    f.code('partner', (row) => row.partner),
    f.code('tier', (row) => row.tier),
    f.date('evaluated_on', (row) => row.evaluatedOn),
    f.money('revenue', (row) => (row.revenue === null ? null : { minor: row.revenue, currency: row.currency })),
    f.money('projected', (row) => (row.projected === null ? null : { minor: row.projected, currency: row.currency })),
    f.code('currency', (row) => row.currency),
    f.number('customers', (row) => row.customers),
    f.code('verdict', (row) => row.asItStands?.verdict),
    f.code('as_it_stands', (row) => row.asItStands?.tier),
    f.code('at_this_pace', (row) => row.atThisPace?.tier),
    f.text('missing', (row) => row.missing, { aside: true }),
  ],
  filters: { partner: option('--partner <code>', 'only this one') },
  query: async (ctx, filter, page) => await forecastTiers(ctx, filter, page),
  examples: [withRevenue('tier forecast'), withRevenue('tier forecast --partner acme --json')],
});
