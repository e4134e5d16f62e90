import { parseAccountCode, parseCountry } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { ATTRIBUTION_MODELS } from '../../../domain/referrals.ts';
import { convertReferral } from '../../../services/referral/convert-referral.ts';
import type { Referral } from '../../../services/referral/list-referrals.ts';
import { expireReferrals, loseReferral, qualifyReferral } from '../../../services/referral/move-referral.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { flag, option, requiredOption } from '../../parameters.ts';
import { withReferral } from './example.ts';
import { referral, referralRows } from './rows.ts';

const on = option('--on <date>', "the day it did; default today in the programme's zone", { read: parseDate });

export const qualify = mutation({
  rows: referralRows,
  verb: 'qualify',
  summary: 'say that a lead proved to be one',
  parameters: { referral, on, reason: option('--reason <text>', 'why, for the record') },
  examples: [
    withReferral('referral qualify 1 --reason "asked for an offer"'),
    withReferral('referral qualify 1 --dry-run'),
  ],
  run: async (ctx, input) => await qualifyReferral(ctx, input),
  done: (row) => `referral ${row.id} is qualified`,
});

export const lose = mutation({
  rows: referralRows,
  verb: 'lose',
  summary: 'say that a lead will be no customer',
  description: 'Ends a referral for good, after a question or with --yes. Who comes again is another referral.',
  parameters: {
    referral,
    on,
    reason: requiredOption('--reason <text>', 'why, for the record', { ask: { message: 'Reason (for the record):' } }),
  },
  examples: [withReferral('referral lose 1 --reason "went elsewhere" --yes')],
  async prepare(invocation, input) {
    await confirmRoutine(invocation, `Close referral ${input.referral} for good?`);
  },
  run: async (ctx, input) => await loseReferral(ctx, input),
  done: (row) => `referral ${row.id} is lost`,
});

export const convert = mutation({
  rows: referralRows,
  verb: 'convert',
  summary: 'say that a referral became a customer, and whose it is',
  description:
    'Makes the account (--create) or links the one that there is, and gives it to the partners whose clicks count on the ' +
    'day: to the one of the first or the last click, or linear, to each as much as it has of them. Its sales then earn by ' +
    'the rules, whose months and first sales are counted from its first paid sale. What the deciding code promised for a ' +
    'signup is asked for once, as a bonus that a second person approves. Refused where no click counts any more, where the ' +
    'account came by another referral, or where sales since that day are decided for somebody else.',
  parameters: {
    referral,
    account: requiredOption('--account <account>', 'the customer, INSTANCE/CODE', { read: parseAccountCode }),
    create: flag('--create', 'the account is new'),
    name: option('--name <text>', "of a new account; default the referral's"),
    country: option('--country <code>', 'of a new account, ISO 3166-1', {
      read: (text) => parseCountry(text.trim().toUpperCase()),
    }),
    model: option('--model <model>', 'whose it is (default last)', { choices: ATTRIBUTION_MODELS }),
    on,
  },
  previews: true,
  examples: [
    withReferral('referral convert 1 --account acme-shop/C-1042 --create --country DE'),
    withReferral('referral convert 1 --account acme-shop/C-7 --model linear --dry-run', 'account add acme-shop/C-7'),
  ],
  run: async (ctx, input) => await convertReferral(ctx, input),
  done: (row) =>
    `referral ${row.id} became ${row.instance}/${row.account}, ${row.shares.join(', ')}` +
    (row.request === null ? '' : `; request ${row.request} asks for its signup`),
});

interface Expired {
  readonly on: string;
  readonly expired: readonly Referral[];
}

const e = columnsOf<Expired>();

export const expire = mutation({
  rows: {
    noun: 'referral',
    plural: 'referrals',
    id: (row: Expired) => row.on,
    columns: [e.date('on', (row) => row.on), e.number('expired', (row) => row.expired.length)],
  },
  sections: [section('referrals', referralRows.columns, (row: Expired) => row.expired)],
  verb: 'expire',
  summary: 'close the referrals of which no click counts any more',
  description:
    'Closes every open referral whose clicks are all older than the cookies of the partners whose codes were clicked on, ' +
    'after a question or with --yes. Again on the same day it finds nothing.',
  parameters: {
    partner: option('--partner <code>', 'only those that this partner brought'),
    on: option('--on <date>', 'the day on which nothing counts any more; default today', { read: parseDate }),
  },
  previews: true,
  examples: [withReferral('referral expire --yes'), withReferral('referral expire --partner acme --dry-run')],
  async prepare(invocation) {
    await confirmRoutine(invocation, 'Close what has run out?');
  },
  run: async (ctx, input) => await expireReferrals(ctx, input),
  done: (row) => `expired on ${row.on}: ${row.expired.length}`,
});
