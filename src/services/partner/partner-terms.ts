import { isCurrencyUsedOn } from '../../domain/currencies.ts';
import { RefusedError } from '../../domain/errors.ts';

/** Returns for a currency that can still be owed. Throws UsageError `currency_unknown`, RefusedError `currency_withdrawn`. */
export function assertLiveCurrency(currency: string, day: string): void {
  if (!isCurrencyUsedOn(currency, day)) {
    throw new RefusedError('currency_withdrawn', `${currency} is not in use on ${day}`);
  }
}

/** Throws RefusedError `contract_dates` unless the contract ends after it begins. */
export function assertContractDates(from: string | null, to: string | null): void {
  if (from !== null && to !== null && to <= from) {
    throw new RefusedError('contract_dates', `a contract from ${from} cannot end on ${to}`, {
      hint: '--contract-to is the first day after the contract',
    });
  }
}
