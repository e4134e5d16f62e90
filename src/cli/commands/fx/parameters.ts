import { option, wholeNumber } from '../../parameters.ts';

export const known = option('--known <n>', 'as known at this change (known_seq); default now', {
  read: wholeNumber('--known', 1, Number.MAX_SAFE_INTEGER),
});
