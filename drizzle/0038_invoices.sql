-- Self-billed invoices (SEMANTICS §7): the operator writes the invoice for what a partner supplied. A partner’s tax mode is dated and
-- versioned like rules; what completes under one gets an invoice in sequence, and what comes back a credit note to it.

create table tax_modes (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  mode text not null check (mode in ('self_billed', 'reverse_charge')),
  -- of the net amount, which what is paid includes
  vat_ppm integer not null check (case mode when 'reverse_charge' then vat_ppm = 0 else vat_ppm between 0 and 1000000 end),
  -- the partner's, without which it cannot be billed
  tax_id text not null check (tax_id ~ '^[A-Z0-9][A-Z0-9 ./-]{1,39}$'),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint tax_modes_overlap exclude using gist (
    int8range(partner_id, partner_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
create trigger stamp before insert on tax_modes for each row execute function stamp();
create trigger guard_version before insert or update on tax_modes for each row execute function guard_version();
create trigger never_removed before delete or truncate on tax_modes for each statement execute function refuse_removal();
create trigger audit after insert or update on tax_modes for each row execute function audit();

create table invoices (
  id bigint generated always as identity primary key,
  number bigint not null unique check (number >= 1),
  kind text not null check (kind in ('invoice', 'credit_note')),
  payout_id bigint not null references payouts,
  -- the completion that it bills, or the return that it credits
  change_id bigint not null unique references payout_status_changes,
  -- the invoice that a credit note takes back, whole
  credits_id bigint unique references invoices,
  tax_mode_id bigint not null references tax_modes,
  mode text not null,
  vat_ppm integer not null,
  tax_id text not null,
  partner_name text not null,
  net_minor bigint not null check (net_minor > 0),
  vat_minor bigint not null check (vat_minor >= 0),
  gross_minor bigint not null check (gross_minor = net_minor + vat_minor),
  -- the day on which the bank paid, or gave back
  issued_on date not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check ((kind = 'credit_note') = (credits_id is not null))
);
create index invoices_payout on invoices (payout_id);
create trigger stamp before insert on invoices for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on invoices for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on invoices for each statement execute function refuse_change();
create trigger audit after insert on invoices for each row execute function audit();

-- VAT that what is paid includes. Rounded half away from zero, once an invoice.
create function vat_included(gross bigint, vat_ppm integer) returns bigint language sql immutable set search_path from current as $$
  select gross - round(gross * 1000000::numeric / (1000000 + vat_ppm))::bigint $$;

-- MUST: whatever completes of a partner that is self-billed on that day has an invoice, in the next number, and whatever of it
-- comes back a credit note. SECURITY DEFINER, because invoices are written from here and from nowhere else. Numbers follow each other
-- without a gap: whoever draws one holds the lock until the commit.
create function bill_payout() returns trigger language plpgsql security definer set search_path from current as $$
declare
  paid payouts; terms tax_modes; billed invoices;
begin
  if new.status = 'completed' then
    select m.* into terms from tax_modes m join payouts p on p.partner_id = m.partner_id
    where p.id = new.payout_id and m.retired_seq is null and m.valid @> new.value_date;
  else
    select i.* into billed from invoices i where i.payout_id = new.payout_id and i.kind = 'invoice';
  end if;
  if terms.id is null and billed.id is null then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(current_schema() || '.invoices', 0));
  select * into paid from payouts where id = new.payout_id;
  insert into invoices (number, kind, payout_id, change_id, credits_id, tax_mode_id, mode, vat_ppm, tax_id, partner_name, net_minor, vat_minor,
    gross_minor, issued_on)
  select coalesce((select max(i.number) from invoices i), 0) + 1, case when billed.id is null then 'invoice' else 'credit_note' end, paid.id, new.id,
    billed.id, coalesce(billed.tax_mode_id, terms.id), coalesce(billed.mode, terms.mode), coalesce(billed.vat_ppm, terms.vat_ppm),
    coalesce(billed.tax_id, terms.tax_id), coalesce(billed.partner_name, a.name), paid.gross_minor - v.vat, v.vat, paid.gross_minor, new.value_date
  from partners a cross join lateral (select vat_included(paid.gross_minor, coalesce(billed.vat_ppm, terms.vat_ppm)) as vat) v
  where a.id = paid.partner_id;
  return null;
end $$;
-- Before `releases` by name, and in any case before what is posted is proved.
create trigger bills after insert on payout_status_changes for each row
  when (new.status = 'completed' or (new.status = 'returned' and new.from_status = 'completed')) execute function bill_payout();

-- As in 0008, and what the invoices of these changes say of VAT, which is no cost: it can be reclaimed.
alter function payout_movements(bigint) rename to payout_cash_movements;
create function payout_movements(posting bigint) returns table (debit_id bigint, credit_id bigint, kind text, amount bigint)
  language sql stable set search_path from current as $$
  select m.debit_id, m.credit_id, m.kind, m.amount from payout_cash_movements(posting) m
  union all
  select case i.kind when 'invoice' then v.id else x.id end, case i.kind when 'invoice' then x.id else v.id end, 'vat_' || i.kind, sum(i.vat_minor)::bigint
  from payout_status_changes c join invoices i on i.change_id = c.id join payouts p on p.id = i.payout_id
  left join ledger_accounts v on v.type = 'input_vat' and v.currency = p.currency
  left join ledger_accounts x on x.type = 'commission_expense' and x.currency = p.currency
  where c.posting_id = posting and i.vat_minor <> 0 group by 1, 2, 3 $$;
revoke execute on function payout_movements(bigint), vat_included(bigint, integer), bill_payout() from public;
grant execute on function payout_movements(bigint), vat_included(bigint, integer) to @operator@, @auditor@;

grant select on tax_modes, invoices to @operator@, @auditor@;
grant insert, update (retired_seq) on tax_modes to @operator@;
