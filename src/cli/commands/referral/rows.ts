import type { Referral } from '../../../services/referral/list-referrals.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, wholeNumber } from '../../parameters.ts';

const c = columnsOf<Referral>();

/** Who came by a code, or was named by a partner. */
export const referralRows: NounRows<Referral> = {
  noun: 'referral',
  plural: 'referrals',
  id: (row) => String(row.id),
  columns: [
    c.number('referral', (row) => row.id),
    c.code('status', (row) => row.status),
    c.code('partner', (row) => row.partner),
    c.code('code', (row) => row.code),
    c.text('source', (row) => row.source),
    c.text('campaign', (row) => row.campaign, { aside: true }),
    c.number('touches', (row) => row.touches),
    c.date('first_on', (row) => row.firstOn),
    c.date('last_on', (row) => row.lastOn, { detail: true }),
    c.date('status_on', (row) => row.statusOn, { aside: true }),
    c.text('name', (row) => row.name, { detail: true }),
    c.text('company', (row) => row.company, { detail: true }),
    c.text('email', (row) => row.email, { detail: true }),
    c.code('account', (row) => (row.account === null ? null : `${row.instance}/${row.account}`)),
    c.code('model', (row) => row.model, { detail: true }),
    c.amounts('shares', (row) => row.shares),
    c.number('signup_request', (row) => row.request, { detail: true }),
    c.text('reason', (row) => row.reason, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

export const readReferral = wholeNumber('REFERRAL', 1, Number.MAX_SAFE_INTEGER);
export const referral = argument('REFERRAL', 'the number of the referral', { read: readReferral });
