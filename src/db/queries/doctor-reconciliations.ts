import { money, type DoctorCheck, type Scan } from './doctor.ts';

/** What banks told of payouts (SEMANTICS §7): each record beside the change that it proves, and all of them to the cent. */

const records: Scan = {
  name: 'records of banks',
  rows: () => `from bank_records b
    left join payouts p on p.id = b.payout_id
    left join payout_status_changes c on c.id = b.change_id where true`,
  called: `'bank record of payout ' || coalesce(p.number, '?')`,
};

const proven: Scan = {
  name: 'payouts proven by banks',
  rows: () => `from (
      select change_id, payout_id, sum(amount_minor) as told from bank_records where amount_minor is not null group by 1, 2
    ) b
    left join payouts p on p.id = b.payout_id where true`,
  called: `'payout ' || coalesce(p.number, '?')`,
};

const shared: Scan = {
  name: 'records of several payouts',
  rows: () => `from (
      select fingerprint, min(place) as place, min(currency) as currency, min(booked_minor) as booked, max(booked_minor) as most, sum(amount_minor) as told
      from bank_records where amount_minor is not null group by 1
    ) b where true`,
  called: `'bank record at ' || b.place`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'payouts',
  weight: 'difference',
  ...one,
});

export const reconciliationChecks: readonly DoctorCheck[] = [
  check({
    name: 'bank_record_proves',
    proves: 'what a bank told proves a change of that payout that says the same, in its currency (§7)',
    scan: records,
    offends: `c.payout_id is distinct from b.payout_id or not c.status = any (proven_statuses(b.kind)) or coalesce(b.currency, p.currency) <> p.currency`,
    says: `'says ' || b.kind || ' in ' || coalesce(b.currency, '?') || ', and proves ' || coalesce(c.status, 'nothing')
      || case when c.payout_id <> b.payout_id then ' of another payout' else '' end`,
  }),
  check({
    name: 'bank_records_sum',
    proves: 'what banks told of a payout comes to what it sent, to the cent (§7)',
    scan: proven,
    offends: `b.told <> p.sent_minor`,
    says: `'sent ' || ${money('p.sent_minor', 'p.currency')} || ', the bank told ' || ${money('b.told', 'p.currency')}`,
  }),
  check({
    name: 'bank_record_shared',
    proves: 'a record of several payouts is used up by them (§7)',
    scan: shared,
    offends: `b.booked <> b.most or b.told <> b.booked`,
    says: `'is of ' || ${money('b.booked', 'b.currency')} || ', its payouts have ' || ${money('b.told', 'b.currency')} || ' of it'`,
  }),
];
