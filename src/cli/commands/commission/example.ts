import type { Example } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';

/** A command that works once something is held. */
export const afterHold = (command: string): Example => ({
  command,
  setup: [...ONE_PAYMENT, ACCRUAL, 'commission hold 1.0 --reason dispute'],
});

/** A command that works while something waits for a person. */
export const awaitingReview = (command: string, files: Example['files'] = {}): Example => ({
  command,
  setup: [...ONE_PAYMENT, 'settings set approval review --from 2026-01-01', ACCRUAL],
  files,
});
