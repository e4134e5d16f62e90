import { oracleDecide as decideProgramme } from './programme/oracle.ts';
import { ONE_PARTNER, PLAIN_RULE } from './programme/small.ts';
import type { Programme } from './programme/words.ts';
import type { RandomBook } from './random-book.ts';

export { randomBook, type RandomBook } from './random-book.ts';

export interface OracleDecision {
  readonly id: number;
  /** Signed minor units of the event's currency. */
  readonly amount: bigint;
  /** The decision's reason code; null beside an ordinary amount. */
  readonly reason: string | null;
  /** Code of the partner that earns, or would have; null without agreement or while the sale is unknown. */
  readonly partner: string | null;
  /** Id of the rule with the last word: the winning rate or the exclusion. */
  readonly rule: number | null;
}

/**
 * What the oracle says of a plain book, in the order in which its events are decided: batch by batch, inside a batch by
 * (occurred_on, id), each batch knowing only what had been imported by then. Such a book has one share an event.
 */
export function oracleDecide(book: RandomBook): OracleDecision[] {
  return decideProgramme(programmeOf(book)).map(({ step: id, amount, reason, partner, rule }) => {
    return { id, amount, reason, partner, rule };
  });
}

function programmeOf(book: RandomBook): Programme {
  return {
    ...ONE_PARTNER,
    ...book,
    instances: book.instances.map(({ code }) => code),
    accounts: book.accounts.map((account) => ({ ...account, country: null })),
    rules: book.rules.map(({ id, flatMinor, ...rule }) => {
      return { ...PLAIN_RULE, ...rule, version: id, rule: id, flat: flatMinor };
    }),
    sales: book.sales.map(({ saleNet, saleGross, saleDate, ...sale }) => {
      return { ...sale, net: saleNet, gross: saleGross, date: saleDate, wholesale: null };
    }),
    steps: book.events.map(({ batch, occurredOn, saleRef, ...event }) => {
      return { ...event, stage: batch, on: occurredOn, sale: saleRef, wholesale: null, country: null };
    }),
  };
}
