import type { Connection } from '../../db/connection.ts';
import { isNamed, type CommissionFilter as RowFilter } from '../../db/queries/commissions.ts';
import { parseAccountCode } from '../../domain/codes.ts';
import { currency } from '../../domain/currencies.ts';
import { NotFoundError, UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import { findAccount } from '../account/find-account.ts';
import { notFound } from '../not-found.ts';

/** Which entries are meant, by codes and dates. */
export interface CommissionFilter extends Omit<RowFilter, 'minMinor'> {
  /** At least this, a decimal in `currency`, which must be named: amounts of two currencies have no order. */
  readonly minAmount?: string | undefined;
}

/**
 * Reads a filter. One that names what is not there is a slip, and an empty answer would read as "earned nothing".
 * Reads only. Throws NotFoundError for a code, UsageError `currency_missing` and what an amount may be refused for.
 */
export async function readFilter(tx: Connection, { minAmount, ...typed }: CommissionFilter): Promise<RowFilter> {
  const filter = await withAccountNamed(tx, typed);
  for (const noun of ['partner', 'instance', 'product', 'account', 'currency'] as const) {
    const code = filter[noun];
    if (code === undefined || (await isNamed(tx, noun, code))) continue;
    if (noun === 'account' || noun === 'currency') {
      throw new NotFoundError(
        noun,
        code,
        noun === 'account' ? '`revshare account list` shows what there is' : undefined,
      );
    }
    throw await notFound(tx, noun, code);
  }
  if (minAmount === undefined) return filter;
  if (filter.currency === undefined) {
    throw new UsageError('currency_missing', `a smallest amount of ${minAmount} is of no currency`, {
      hint: 'give --currency too',
    });
  }
  return { ...filter, minMinor: parseDecimal(minAmount, currency(filter.currency).code) };
}

/**
 * An account may be written INSTANCE/CODE, as everywhere else, and is then of that instance alone; a code that is some
 * account's as it stands goes before, since billing systems put slashes into theirs.
 */
async function withAccountNamed(
  tx: Connection,
  filter: Omit<CommissionFilter, 'minAmount'>,
): Promise<Omit<CommissionFilter, 'minAmount'>> {
  const { account, instance } = filter;
  if (account?.includes('/') !== true || (await isNamed(tx, 'account', account))) return filter;
  const named = parseAccountCode(account);
  if (instance !== undefined && instance !== named.instance) return filter;
  await findAccount(tx, named);
  return { ...filter, instance: named.instance, account: named.code };
}
