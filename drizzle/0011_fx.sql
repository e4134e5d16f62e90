-- What a currency was worth in another on a day (SEMANTICS §5). A rate is never changed: a later known row of its day and
-- pair corrects it, so that what was known at a number can be read again. Its line in audit_log stands for all rates that
-- one statement brought of a pair: a history of a quarter of a million rows is read by nobody row by row.
create table fx_rates (
  id bigint generated always as identity primary key,
  rate_date date not null,
  base text not null references currencies,
  quote text not null references currencies,
  -- how many of `quote` one of `base` is worth
  rate numeric not null check (rate > 0 and rate < 1e12 and scale(rate) <= 12),
  source text not null check (source ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
  known_seq bigint not null references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  check (base <> quote),
  constraint fx_rates_known unique (base, quote, rate_date, known_seq)
);
create trigger stamp before insert on fx_rates for each row execute function stamp();
create trigger insert_only before update or delete or truncate on fx_rates for each statement execute function refuse_change();

-- MUST: a rate becomes known under a number drawn in its own transaction, so none slips in below one that a run has read.
create function guard_fx_rates() returns trigger language plpgsql set search_path from current as $$
declare
  drawn bigint[]; offender bigint;
begin
  select array_agg(distinct known_seq) into drawn from inserted;
  select x into offender from unnest(drawn) x
  where not exists (select from known_changes k where k.known_seq = x and k.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'known_seq % was not drawn in this transaction', offender
      using errcode = 'RV002', hint = 'draw it with draw_known_seq(summary)';
  end if;
  return null;
end $$;
create trigger guard after insert on fx_rates referencing new table as inserted for each statement execute function guard_fx_rates();

-- SECURITY DEFINER, because nobody but the changes themselves may write the log.
create function audit_fx_rates() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into audit_log (action, table_name, row_key, after)
  select 'insert', tg_table_name, base || '/' || quote, jsonb_build_object('base', base, 'quote', quote, 'source', min(source),
    'rates', count(*), 'first', min(rate_date), 'last', max(rate_date), 'rate', case when count(*) = 1 then min(rate)::text end,
    'sha256', encode(sha256(convert_to(string_agg(rate_date || ' ' || rate || ' ' || source, E'\n' order by rate_date), 'UTF8')), 'hex'))
  from inserted group by base, quote order by base collate "C", quote collate "C";
  return null;
end $$;
revoke execute on function audit_fx_rates() from public;
create trigger audit after insert on fx_rates referencing new table as inserted for each statement execute function audit_fx_rates();

-- For how many days a rate serves, by the setting that was known at a number to hold on a day.
create function fx_max_age(day date, seq bigint) returns int language sql stable set search_path from current as $$
  select coalesce((select (s.value)::int from settings s where s.name = 'fx_max_age_days' and s.instance_id is null and s.valid @> day
    and s.known_seq <= seq and (s.retired_seq is null or s.retired_seq > seq)), 4) $$;

-- The latest rate of a pair as known at a number, as a fraction: as it was recorded, or else turned around.
create function fx_leg(base text, quote text, day date, seq bigint, out id bigint, out numerator numeric, out denominator numeric)
language sql stable set search_path from current as $$
  select r.id, case when r.base = fx_leg.base then r.rate else 1 end, case when r.base = fx_leg.base then 1 else r.rate end
  from fx_rates r
  where (r.base, r.quote) in ((fx_leg.base, fx_leg.quote), (fx_leg.quote, fx_leg.base))
    and r.rate_date between day - fx_max_age(day, seq) and day and r.known_seq <= seq
  order by r.base = fx_leg.base desc, r.rate_date desc, r.known_seq desc limit 1 $$;

-- The rate that converts what is decided by what was known at `seq`: direct, turned around, or crossed once over the
-- programme's currency; null where none is near enough. Eighteen decimals, rounded once; with the rates that it comes from.
create function fx_rate_found(base text, quote text, day date, seq bigint, out rate numeric, out ids bigint[])
language sql stable set search_path from current as $$
  select round(div(numerator * 1e40, denominator) * 1e-40, 18), found.ids
  from (
    select numerator, denominator, array[id] as ids, 1 as place from fx_leg(base, quote, day, seq) where numerator is not null
    union all
    select a.numerator * b.numerator, a.denominator * b.denominator, array[a.id, b.id], 2
    from programme p, fx_leg(base, p.currency, day, seq) a, fx_leg(p.currency, quote, day, seq) b
    where a.numerator is not null and b.numerator is not null
  ) found order by place limit 1 $$;
create function fx_rate_known(base text, quote text, day date, seq bigint) returns numeric language sql stable set search_path from current as $$
  select rate from fx_rate_found(base, quote, day, seq) $$;
revoke execute on function fx_max_age(date, bigint), fx_leg(text, text, date, bigint), fx_rate_found(text, text, date, bigint),
  fx_rate_known(text, text, date, bigint) from public;
grant execute on function fx_max_age(date, bigint), fx_leg(text, text, date, bigint), fx_rate_found(text, text, date, bigint),
  fx_rate_known(text, text, date, bigint) to @operator@, @auditor@;

-- MUST: what was converted is in the currency that its rule pays in, names one or two recorded rates that it was converted
-- by, between its currencies, and what such a rule earns was converted; what was rated again to nothing stays where it was
-- converted before. Costs an accrual nothing where no rule converts.
create function guard_converted_entries() returns trigger language plpgsql set search_path from current as $$
declare
  converting bigint[]; events_ bigint[]; legs smallint[]; wallets bigint[]; versions bigint[]; converted boolean[]; nothings boolean[];
  ways text[]; offender bigint;
begin
  select array_agg(v.id) into converting from rule_versions v where v.pays_in is not null;
  select array_agg(event_id), array_agg(leg), array_agg(wallet_id), array_agg(rule_version_id), array_agg(fx_rate is not null),
      array_agg(full_minor = 0), array_agg(fx_rate_ids::text)
    into events_, legs, wallets, versions, converted, nothings, ways
  from inserted where fx_rate is not null or fx_rate_ids is not null or (full_minor <> 0 and rule_version_id = any (converting));
  if events_ is null then
    return null;
  end if;
  select i.event_id into offender
  from unnest(events_, legs, wallets, versions, converted, nothings) i (event_id, leg, wallet_id, rule_version_id, converted, nothing)
  join revenue_events e on e.id = i.event_id
  left join rule_versions v on v.id = i.rule_version_id
  left join ledger_accounts w on w.id = i.wallet_id
  where case when i.converted then (v.pays_in is null or v.pays_in = e.currency or w.currency is distinct from v.pays_in)
               and not (i.nothing and exists (
                 select from revenue_events o join entries n on n.event_id = o.id
                 where (o.sale_id = e.sale_id or o.id in (e.regards_id, e.voids_id)) and n.leg = i.leg and n.wallet_id = i.wallet_id
                   and n.fx_rate is not null and n.full_minor <> 0))
             else v.pays_in <> e.currency end limit 1;
  if offender is not null then
    raise exception 'the entry of event % is not in the currency that its rule pays in, or was not converted into it', offender using errcode = 'RV009';
  end if;
  -- A few rates serve a whole night.
  select min(i.event_id) into offender
  from (
    select e.currency, w.currency as paid_in, i.converted, i.way::bigint[] as ids, min(i.event_id) as event_id
    from unnest(events_, wallets, converted, ways) i (event_id, wallet_id, converted, way)
    join revenue_events e on e.id = i.event_id
    left join ledger_accounts w on w.id = i.wallet_id group by 1, 2, 3, 4
  ) i
  left join fx_rates a on a.id = i.ids[1]
  left join fx_rates b on b.id = i.ids[2]
  where case when not i.converted then i.ids is not null
    when cardinality(i.ids) = 1 then (i.currency, i.paid_in) not in ((a.base, a.quote), (a.quote, a.base))
    when cardinality(i.ids) = 2 then i.currency not in (a.base, a.quote) or i.paid_in not in (b.base, b.quote)
    else true end is not false;
  if offender is not null then
    raise exception 'the entry of event % does not name the rates that it was converted by', offender using errcode = 'RV009';
  end if;
  return null;
end $$;
create trigger guard_converted after insert on entries referencing new table as inserted for each statement execute function guard_converted_entries();

grant select on fx_rates to @operator@, @auditor@;
grant insert on fx_rates to @operator@;
