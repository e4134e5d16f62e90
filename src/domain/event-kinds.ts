import type { Kind } from './rating/model.ts';

/** The kinds a billing system may report; everything else an event can be is an operator's or the system's act. */
export const BILLING_KINDS: readonly Kind[] = [
  'payment',
  'refund',
  'chargeback',
  'chargeback_won',
  'credit_note',
  'signup',
  'adjustment',
];

/** Which way the amounts of a kind may point. Source: SEMANTICS §2; the database holds the same in a CHECK. */
export type AmountSign = 'not_negative' | 'not_positive' | 'zero' | 'either';

const SIGNS: Readonly<Record<Kind, AmountSign>> = {
  payment: 'not_negative',
  chargeback_won: 'not_negative',
  refund: 'not_positive',
  chargeback: 'not_positive',
  credit_note: 'not_positive',
  signup: 'zero',
  adjustment: 'either',
};

/** Whether the text names a kind of billing event. */
export function isBillingKind(text: string): text is Kind {
  return Object.hasOwn(SIGNS, text);
}

/** Which way the amounts of this kind may point. */
export function amountSign(kind: Kind): AmountSign {
  return SIGNS[kind];
}
