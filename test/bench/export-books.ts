import type { Database } from '../../src/db/connection.ts';

/**
 * Books of any size for measuring what comes after decisions: 200 partners, 400 instances, 20,000 accounts, 50 products, a
 * third of the events in sales of two. Written by the superuser past the guards, because what is measured comes after them.
 */
export async function fillBooks(
  admin: Database,
  events: number,
  { partners, instances }: { readonly partners: number; readonly instances: number } = {
    partners: 200,
    instances: 400,
  },
): Promise<void> {
  await admin.transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    await sql`insert into tenants (code, name, created_by, recorded_at) values ('globex', 'Globex', 'bench', now())`;
    await sql`insert into partners (code, name, type, status, currency, created_by, recorded_at)
      select 'partner-' || g, 'Partner ' || g, 'reseller', 'active', 'EUR', 'bench', now() from generate_series(1, ${partners}::int) g`;
    await sql`insert into instances (code, name, tenant_id, partner_id, created_by, recorded_at)
      select 'instance-' || g, 'Instance ' || g, 1, 1 + g % ${partners}::int, 'bench', now() from generate_series(1, ${instances}::int) g`;
    await sql`insert into accounts (instance_id, code, created_by, recorded_at)
      select 1 + g % ${instances}::int, 'customer-' || g, 'bench', now() from generate_series(1, 20000) g`;
    await sql`insert into products (code, created_by, recorded_at) select 'product-' || g, 'bench', now() from generate_series(1, 50) g`;
    await sql`insert into sources (code, created_by, recorded_at) values ('bench', 'bench', now())`;
    await sql`insert into known_changes (known_seq, summary, created_by, recorded_at) select coalesce(max(known_seq), 0) + 1, 'bench', 'bench', now() from known_changes`;
    await sql`insert into rules (slot, level, scope, created_by, recorded_at) values ('own', 0, 'programme', 'bench', now())`;
    await sql`insert into rule_versions (rule_id, valid, known_seq, kind, base, rate_ppm, created_by, recorded_at)
      select 1, daterange(null, null), max(known_seq), 'percentage', 'net', 100000, 'bench', now() from known_changes`;
    await sql`insert into job_runs (job, business_date, attempt, status, lease_until, worker, finished_at, created_by, recorded_at)
      values ('accrue-commissions', '2026-11-01', 1, 'succeeded', now(), 'bench', now(), 'bench', now())`;
    await sql`insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected, created_by, recorded_at)
      values (1, 'import', 1, ${events}, ${events}, '2026-10-01', '2026-10-31', ${events}, 0, 0, 'bench', now())`;
    await sql`insert into sales (source_id, sale_ref, instance_id, currency, sale_net_minor, sale_gross_minor, sale_date, first_payment_on, created_by, recorded_at)
      select 1, 'INV-' || g, 1 + (2 * g) % ${instances}::int, 'EUR', 20000, 20000, '2026-10-01', '2026-10-01', 'bench', now() from generate_series(1, ${events}::int / 6) g`;
    await sql`insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, account_id, product_id, sale_id, currency,
        net_minor, gross_minor, occurred_at, occurred_on)
      select g, 1, 1, case when g % 50 = 0 then 'refund' else 'payment' end::event_kind, 'ch_' || md5(g::text), 1 + g % ${instances}::int, 1 + g % 20000, 1 + g % 50,
        case when g <= ${events}::int / 3 then 1 + (g - 1) / 2 end, (array['EUR', 'EUR', 'EUR', 'EUR', 'JPY', 'KWD'])[1 + g % 6],
        case when g % 50 = 0 then -1 else 1 end * (100 + g % 99991), case when g % 50 = 0 then -1 else 1 end * (100 + g % 99991),
        timestamptz '2026-10-01 12:00Z' + (g * 31 / ${events}::bigint) * interval '1 day', date '2026-10-01' + (g * 31 / (${events}::bigint + 1))::int
      from generate_series(1, ${events}::bigint) g`;
    await sql`insert into ledger_accounts (type, currency, partner_id, instance_id, created_by, recorded_at)
      select 'wallet', e.currency, i.partner_id, i.id, 'bench', now()
      from (select distinct instance_id, currency from revenue_events) e join instances i on i.id = e.instance_id order by i.id, e.currency`;
    // What was just written has no statistics, and a million events are joined with it.
    await sql`analyze ledger_accounts`;
    await sql`insert into decision_chunks (run_id, known_seq, created_by, recorded_at)
      select 1, (select max(known_seq) from known_changes), 'bench', now() from generate_series(0, (${events}::bigint - 1) / 20000)`;
    await sql`insert into entries (event_id, chunk_id, wallet_id, amount_minor, base_minor, full_minor, rule_version_id, known_seq, rate_ppm,
        posting_date, payable_on, kind, reason, leg)
      select e.id, 1 + (e.id - 1) / 20000, w.id, e.net_minor / 10, e.net_minor, abs(e.net_minor) / 10, 1, 1, 100000, e.occurred_on, e.occurred_on + 30,
        case when e.net_minor < 0 then 'refund' else 'earning' end::entry_kind, case when e.net_minor / 10 = 0 then 'rounds_to_zero' end::entry_reason, 0
      from revenue_events e join ledger_accounts w on w.instance_id = e.instance_id and w.currency = e.currency order by e.id`;
    await sql`insert into postings (run_id, chunk_from, chunk_to, created_by, recorded_at)
      select 1, 1, max(id), 'bench', now() from decision_chunks`;
  });
  await admin.sql`vacuum analyze`;
}
