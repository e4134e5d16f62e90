import { quoteLiteral } from '../connection.ts';

/** A day of the books by posting dates, and the instant at which it was over in the programme's zone. */
export interface PostingDay {
  readonly date: string;
  /** ISO 8601; the first instant that is not the day's any more. */
  readonly end: string;
}

/**
 * The condition that a dated row counts on a day of the ledger: `known` of `entryStates`. Unlike a moment (as-of.ts) such
 * a day is not over when it ends: what is decided later and posted into it belongs to it, as in every trial balance of
 * that date. So what moved the ledger counts by the posting date of its transfers; what moved nothing, a hold, an
 * approval, the draft of a payout, by the day it was recorded on.
 */
export function postedUntil({ date, end }: PostingDay): (alias: string) => string {
  const recorded = (alias: string) => `${alias}.recorded_at < ${quoteLiteral(end)}::timestamptz`;
  const movedBy = (posting: string, alias: string) => `coalesce(
    (select min(t.posting_date) <= ${quoteLiteral(date)}::date from transfers t where t.posting_id = ${posting}), ${recorded(alias)})`;
  return (alias) => {
    switch (alias) {
      // the chunk of an entry `n`, which has a posting date of its own; one chunk decides many dates
      case 'k':
        return `n.posting_date <= ${quoteLiteral(date)}::date`;
      case 'g':
        return 'true';
      // a review
      case 'b':
        return movedBy('(select o.id from postings o where o.review_id = b.id)', 'b');
      // a change of a payout's status
      case 'c':
        return movedBy('c.posting_id', 'c');
      // a payout, whose first movement may not come before it
      case 'p':
        return `(${recorded('p')} or exists (select from payout_status_changes m join transfers t on t.posting_id = m.posting_id
          where m.payout_id = p.id and t.posting_date <= ${quoteLiteral(date)}::date))`;
      default:
        return recorded(alias);
    }
  };
}
