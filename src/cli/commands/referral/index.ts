import { parseReferralCode, FUNNEL_KEYS, REFERRAL_STATUSES } from '../../../domain/referrals.ts';
import { referralFunnel, type FunnelStage } from '../../../services/referral/funnel.ts';
import {
  listReferrals,
  showReferral,
  type ReferralDetails,
  type ReferralStateRow,
  type ReferralTouch,
} from '../../../services/referral/list-referrals.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { withReferral } from './example.ts';
import { readReferral, referralRows } from './rows.ts';
import { convert, expire, lose, qualify } from './status.ts';
import { importCommand, track } from './track.ts';

const list = listCommand({
  ...referralRows,
  filters: {
    partner: option('--partner <code>', 'only those that this partner brought'),
    code: option('--code <code>', 'only those that came by this code first', { read: parseReferralCode }),
    status: option('--status <status>', 'only those', { choices: REFERRAL_STATUSES }),
    source: option('--source <text>', 'only those from there'),
    campaign: option('--campaign <text>', 'only those of this campaign'),
  },
  dated: 'date of the first touch',
  query: listReferrals,
  whenEmpty: '`revshare referral track CODE` or `referral import FILE` brings them',
  examples: [withReferral('referral list'), withReferral('referral list --partner acme --status new --json')],
});

const t = columnsOf<ReferralTouch>();
const s = columnsOf<ReferralStateRow>();

const show = showCommand<ReferralDetails>({
  ...referralRows,
  summary: 'show one referral: its touches, which of them count, what became of it',
  argument: argument<string>('REFERRAL', 'the number of the referral'),
  sections: [
    section(
      'clicks',
      [
        t.instant('touched_at', (row) => row.touchedAt),
        t.code('code', (row) => row.code),
        t.code('partner', (row) => row.partner),
        t.text('source', (row) => row.source),
        t.text('campaign', (row) => row.campaign),
        t.number('cookie_days', (row) => row.cookieDays),
        t.flag('counts', (row) => row.counts),
        t.text('landing_url', (row) => row.landingUrl, { detail: true }),
        t.text('referrer_url', (row) => row.referrerUrl, { detail: true }),
        t.text('user_agent', (row) => row.userAgent, { detail: true }),
        t.code('ip_hash', (row) => row.ipHash, { detail: true }),
      ],
      (row) => row.clicks,
    ),
    section(
      'states',
      [
        s.code('status', (row) => row.status),
        s.date('on', (row) => row.effectiveOn),
        s.text('reason', (row) => row.reason),
        s.actor('created_by', (row) => row.createdBy),
        s.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
      ],
      (row) => row.states,
    ),
  ],
  find: async (ctx, text) => await showReferral(ctx, readReferral(text)),
  examples: [withReferral('referral show 1'), withReferral('referral show 1 --json')],
});

const f = columnsOf<FunnelStage>();

const funnel = listCommand({
  noun: 'stage',
  plural: 'referrals',
  verb: 'funnel',
  summary: 'show how far referrals came, by source, partner or campaign',
  description:
    'Of the referrals whose first touch is of the time: how many proved to be leads, became customers, have paid, went away ' +
    'or ran out, and what those customers paid less what went back. Clicks are those of the time, repetitions left out.',
  id: (row) => row.key ?? '',
  columns: [
    f.code('key', (row) => row.key ?? '(none)'),
    f.number('clicks', (row) => row.clicks),
    f.number('referrals', (row) => row.referrals),
    f.number('qualified', (row) => row.qualified),
    f.number('converted', (row) => row.converted),
    f.rate('conversion', (row) => row.conversionPpm),
    f.number('paying', (row) => row.paying),
    f.number('open', (row) => row.open),
    f.number('lost', (row) => row.lost, { aside: true }),
    f.number('expired', (row) => row.expired, { aside: true }),
    f.amounts('revenue', (row) => row.revenue),
  ],
  filters: {
    by: requiredOption('--by <what>', 'where they came from', { choices: FUNNEL_KEYS }),
    partner: option('--partner <code>', 'only of this partner'),
  },
  dated: 'date of the first touch',
  paged: false,
  query: async (ctx, asked, _page, window) => await referralFunnel(ctx, asked, window),
  examples: [
    withReferral('referral funnel --by source'),
    withReferral('referral funnel --by campaign --period 2026-11 --json'),
  ],
});

export const commands: readonly Command[] = [track, importCommand, list, show, qualify, convert, lose, expire, funnel];
