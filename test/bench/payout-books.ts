import type { Database } from '../../src/db/connection.ts';
import { fillBooks } from './export-books.ts';

/** The cut-off on which all of it is payable: a first of a month, a biweekly cut-off, and no Monday. */
export const CUTOFF = '2026-12-01';

const ENTRIES_PER_PARTNER = 10;

/**
 * Books of which a run with that cut-off pays so many entries, a tenth as many partners: programme and partners have
 * schedules, minimum, withholding and fees; two in three partners have a tax form on file, and terms that were otherwise until
 * the summer; an instrument each, but for a few who are paid by hand. There is a tenth more than is paid: of partners whose
 * schedule closes on another day, whose instrument nobody has verified, or whose month was too small.
 */
export async function fillPayoutBooks(admin: Database, entries: number): Promise<void> {
  const booked = (entries / 10) * 11;
  const partners = booked / ENTRIES_PER_PARTNER;
  // Every fifth partner has a second instance. A multiple of six, so that each has one currency.
  await fillBooks(admin, booked, { partners, instances: (partners / 5) * 6 });
  await admin.transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    const known = sql`(select max(known_seq) from known_changes), 'bench', now()`;
    await sql`update settings set value = '{"EUR": 2000, "JPY": 500}' where name = 'minimum_payout'`;

    await sql`insert into deduction_terms (partner_id, form, withholding_ppm, fees, valid, known_seq, created_by, recorded_at)
      select null, null, 240000, '{"EUR": 25, "JPY": 30}'::jsonb, daterange('2026-01-01', null), ${known}
      union all
      select id, 'other', 150000, '{}', daterange('2026-01-01', '2026-07-01'), ${known} from partners where id % 3 > 0
      union all
      select id, case id % 3 when 1 then 'w9' else 'w8ben' end, case id % 30 when 2 then 100000 end, case id % 10 when 4 then '{"EUR": 10}' else '{}' end::jsonb,
        daterange('2026-07-01', null), ${known} from partners where id % 3 > 0`;

    await sql`insert into payout_schedules (partner_id, frequency, anchor, review_days, net_days, calendar, valid, known_seq, created_by, recorded_at)
      select null, 'monthly', null, 2, 5, 'target', daterange('2026-01-01', null), ${known}
      union all
      select id, f.frequency, case f.frequency when 'biweekly' then ${CUTOFF}::date - 28 end, 1, 3, 'target', daterange('2026-01-01', null), ${known}
      from partners join (values (3, 'semimonthly'), (5, 'biweekly'), (7, 'weekly'), (9, 'quarterly')) f (n, frequency)
        on f.n = case when id % 10 in (3, 5) then id % 10 when id % 50 in (7, 9) then id % 10 end`;

    await sql`insert into instruments (partner_id, currency, version, kind, mask, country, usable_on, created_by, recorded_at)
      select distinct partner_id, currency, 1, 'iban', 'DE** **** ' || partner_id % 10000, 'DE', date '2026-02-01', 'bench', now()
      from ledger_accounts where type = 'wallet' and partner_id % 20 > 0`;
    await sql`insert into instrument_seals (instrument_id, key_id, sealed, created_by, recorded_at)
      select id, '0123456789ab', sha256(int8send(id)) || sha256(int8send(-id)), 'bench', now() from instruments`;
    await sql`insert into instrument_verifications (instrument_id, created_by, recorded_at)
      select id, 'checker', now() from instruments where partner_id % 100 <> 11`;
  });
  await admin.sql`vacuum analyze`;
}
