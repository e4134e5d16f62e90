import type { Corruption } from './corruptions.ts';

/** Of what banks told (SEMANTICS §7), planted beside the payouts of paid-books.ts. */
const RECORD = (told: { amount?: string; booked?: string; kind?: string; change?: string }) => {
  const {
    amount = 'p.sent_minor',
    booked = amount,
    kind = 'debited',
    change = `(select id from payout_status_changes c where c.payout_id = p.id and c.status = 'completed')`,
  } = told;
  return `insert into bank_records (reconciliation_id, payout_id, fingerprint, place, kind, matched_by, amount_minor, booked_minor, currency, change_id, created_by, recorded_at)
    select 1, p.id, repeat('a', 64), '7:1', '${kind}', 'number', ${amount}, ${booked}, p.currency, ${change}, 'tester', now() from payouts p where p.status = 'completed'`;
};

export const RECONCILED_CORRUPTIONS: readonly Corruption[] = [
  [
    'bank_record_proves',
    RECORD({ kind: 'returned' }),
    /^bank record of payout P\d+A: says returned in EUR, and proves completed$/,
  ],
  [
    'bank_record_proves',
    RECORD({ change: `(select id from payout_status_changes c where c.payout_id <> p.id and c.status = 'failed')` }),
    /^bank record of payout P\d+A: says debited in EUR, and proves failed of another payout$/,
  ],
  ['bank_records_sum', RECORD({ amount: 'p.sent_minor - 1' }), /^payout P\d+A: sent \S+ EUR, the bank told \S+ EUR$/],
  [
    'bank_record_shared',
    RECORD({ booked: 'p.sent_minor + 5' }),
    /^bank record at 7:1: is of \S+ EUR, its payouts have \S+ EUR of it$/,
  ],
];
