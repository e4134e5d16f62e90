import type { Example } from '../../command.ts';
import { ONE_SHOP } from '../../example-books.ts';

/** A shop whose partner hands out a code that promises 25.00 for a signup. */
export const withCode = [...ONE_SHOP, 'referral-code create ACME1234 --partner acme --campaign autumn --signup 25.00'];

/** The same, and somebody came by it. */
export const withReferral = (command: string, ...more: readonly string[]): Example => ({
  command,
  setup: [
    ...withCode,
    'referral track ACME1234 --ip 203.0.113.42 --referrer https://acme.example/partners --name "Jane Roe"',
    ...more,
  ],
});
