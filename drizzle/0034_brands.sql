-- How the papers of a white-label partner look, and what partners are told of customers.

-- 1: files for partners name customers beside the codes of their accounts
alter table settings add constraint customer_names_value check (name <> 'customer_names' or value in ('0', '1'));

-- A brand is said anew as a whole; what was said last counts at once.
create table brands (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  name text not null check (name <> '' and char_length(name) <= 200),
  colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
  logo bytea check (octet_length(logo) <= 262144),
  logo_type text check (logo_type is null or case logo_type
    when 'image/png' then substr(logo, 1, 8) = '\x89504e470d0a1a0a'
    when 'image/jpeg' then substr(logo, 1, 3) = '\xffd8ff'
    else false end),
  created_by text not null,
  recorded_at timestamptz not null,
  check ((logo is null) = (logo_type is null))
);
create index brands_partner on brands (partner_id, id);
create trigger stamp before insert on brands for each row execute function stamp();
create trigger chosen_id before insert on brands for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on brands for each statement execute function refuse_change();

-- MUST: only a white-label partner has a brand.
create function guard_brand() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from partners p where p.id = new.partner_id and p.type = 'white_label') then
    raise exception 'partner % is no white-label partner', (select p.code from partners p where p.id = new.partner_id)
      using errcode = 'RV034', hint = 'papers of other partners look like those of the programme, or of the white-label partner above them';
  end if;
  return new;
end $$;
revoke execute on function guard_brand() from public;
create trigger guard before insert on brands for each row execute function guard_brand();

-- Without the picture, which its hash stands for.
create function audit_brand() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into audit_log (action, table_name, row_key, after)
  select 'insert', 'brands', p.code, to_jsonb(new) - 'logo' || jsonb_build_object('logo_sha256', encode(sha256(new.logo), 'hex'))
  from partners p where p.id = new.partner_id;
  return null;
end $$;
revoke execute on function audit_brand() from public;
create trigger audit after insert on brands for each row execute function audit_brand();

grant select on brands to @operator@, @auditor@;
grant insert on brands to @operator@;
