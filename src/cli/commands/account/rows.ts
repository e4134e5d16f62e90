import { formatAccountCode } from '../../../domain/codes.ts';
import type { AccountRow } from '../../../services/account/list-accounts.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { ONE_SHOP } from '../../example-books.ts';

const c = columnsOf<AccountRow>();

/** An end customer inside an instance. */
export const accountRows: NounRows<AccountRow> = {
  noun: 'account',
  plural: 'accounts',
  id: formatAccountCode,
  columns: [
    c.code('account', formatAccountCode),
    c.code('instance', (row) => row.instance, { detail: true }),
    c.code('code', (row) => row.code, { detail: true }),
    c.text('name', (row) => row.name),
    c.code('country', (row) => row.country),
    c.date('starts_on', (row) => row.startsOn),
    c.date('ends_on', (row) => row.endsOn),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** An instance for accounts to be in, for the examples of this noun. */
export const oneShop = [...ONE_SHOP];
