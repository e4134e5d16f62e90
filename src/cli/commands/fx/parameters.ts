import { currency } from '../../../domain/currencies.ts';
import { option, wholeNumber } from '../../parameters.ts';

/** A currency as it is typed, in capitals or not. */
export const readCurrency = (text: string): string => currency(text.trim().toUpperCase()).code;

export const known = option('--known <n>', 'as known at this change (known_seq); default now', {
  read: wholeNumber('--known', 1, Number.MAX_SAFE_INTEGER),
});
