import { parseDate } from '../../../domain/dates.ts';
import { parseReferralCode, parseUrl } from '../../../domain/referrals.ts';
import { createReferralCode, listReferralCodes, type ReferralCode } from '../../../services/referral/referral-codes.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { ONE_SHOP } from '../../example-books.ts';
import { listCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, option, requiredOption } from '../../parameters.ts';

const c = columnsOf<ReferralCode>();

/** What a partner hands out, so that who comes by it is known to be its. */
const codeRows: NounRows<ReferralCode> = {
  noun: 'code',
  plural: 'codes',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.code('partner', (row) => row.partner),
    c.text('campaign', (row) => row.campaign),
    c.money('signup', (row) => row.signup),
    c.code('currency', (row) => row.currency),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.number('clicks', (row) => row.clicks),
    c.number('referrals', (row) => row.referrals),
    c.text('landing_url', (row) => row.landingUrl, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const setup = [...ONE_SHOP];

const create = mutation({
  rows: codeRows,
  verb: 'create',
  summary: 'make a code for a partner to hand out',
  description:
    'Makes a code, capitals and digits; what it promises never changes, so another offer is another code. --signup is what ' +
    'a customer who came by it is worth to the partner, once and whatever it buys: converting the referral asks for it as a ' +
    'bonus. How long clicks count, `partner-terms set --cookie-days` says; 30 days where it does not.',
  parameters: {
    code: argument('CODE', 'what is handed out, as ACME1234', { read: parseReferralCode }),
    partner: requiredOption('--partner <code>', 'whose it is', { ask: { choices: partnerChoices } }),
    campaign: option('--campaign <text>', 'which campaign it is of'),
    landingUrl: option('--landing <url>', 'the page that it leads to', { read: parseUrl }),
    signup: option('--signup <amount>', 'what a customer who came by it is worth, once'),
    currency: option('--currency <code>', "of --signup; default the partner's", { read: readCurrency }),
    from: option('--from <date>', 'first day of clicks that count; default ever', { read: parseDate }),
    to: option('--to <date>', 'first day of clicks that count no more; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    { command: 'referral-code create ACME1234 --partner acme', setup },
    {
      command:
        'referral-code create ACME-AUTUMN --partner acme --campaign autumn --signup 25.00 --from 2026-09-01 --dry-run',
      setup,
    },
  ],
  run: async (ctx, input) => await createReferralCode(ctx, input),
  done: (row) => `partner ${row.partner} may hand out ${row.code}`,
});

const list = listCommand({
  ...codeRows,
  filters: {
    partner: option('--partner <code>', 'only those of this partner'),
    campaign: option('--campaign <text>', 'only those of this campaign'),
  },
  query: async (ctx, filter, page) => await listReferralCodes(ctx, filter, page),
  whenEmpty: '`revshare referral-code create CODE --partner CODE` makes one',
  examples: [
    { command: 'referral-code list', setup: [...setup, 'referral-code create ACME1234 --partner acme'] },
    { command: 'referral-code list --partner acme -o csv', setup },
  ],
});

export const commands: readonly Command[] = [create, list];
