import { inject } from 'vitest';
import type { Connection, Database } from '../src/db/connection.ts';
import { roleNames } from '../src/db/roles.ts';
import type { TestDatabase } from './database.ts';

/**
 * Scenes in plain SQL, for tests that must not trust the services: attacks on the schema, corruptions for doctor. Each
 * builder writes as the login of the connection it is given, through the same guards as everyone.
 *
 * `openBooks` is the smallest programme in which everything happens once:
 * tenant globex; partners acme, zenith, frosty (suspended); instances acme-uk, acme-ie, zenith-de; account C1 at acme-uk
 * and at zenith-de; products goods, postage; one rule: the programme earns 10 %.
 */
export interface Books {
  readonly partner: Readonly<Record<string, number>>;
  readonly instance: Readonly<Record<string, number>>;
  /** By `INSTANCE/CODE`. */
  readonly account: Readonly<Record<string, number>>;
  readonly product: Readonly<Record<string, number>>;
  readonly tenant: number;
  /** The version of the programme's 10 %. */
  readonly ruleVersion: number;
  readonly source: number;
}

export async function openBooks(db: Database): Promise<Books> {
  return await db.transaction(async (tx) => {
    const { sql } = tx;
    await sql`insert into tenants (code, name) values ('globex', 'Globex')`;
    await sql`insert into partners (code, name, type, status, currency) values
      ('acme', 'Acme', 'reseller', 'active', 'EUR'), ('zenith', 'Zenith', 'affiliate', 'active', 'EUR'),
      ('frosty', 'Frosty', 'referral', 'active', 'EUR')`;
    await sql`update partners set status = 'suspended' where code = 'frosty'`;
    await sql`insert into instances (code, name, tenant_id, partner_id)
      select i.code, i.code, t.id, p.id
      from (values ('acme-uk', 'acme'), ('acme-ie', 'acme'), ('zenith-de', 'zenith')) i (code, partner)
      join partners p on p.code = i.partner, tenants t`;
    await sql`insert into accounts (instance_id, code) select id, 'C1' from instances where code in ('acme-uk', 'zenith-de')`;
    await sql`insert into products (code) values ('goods'), ('postage')`;
    await sql`insert into sources (code) values ('books')`;
    const ruleVersion = await insertRule(tx, { scope: 'programme', ratePpm: 100_000 });
    return { ...(await idsOf(tx)), ruleVersion };
  });
}

async function idsOf({ sql }: Connection): Promise<Omit<Books, 'ruleVersion'>> {
  const byCode = async (rows: Promise<readonly { code: string; id: string | number }[]>) =>
    Object.fromEntries((await rows).map((row) => [row.code, Number(row.id)]));
  const ids = sql<{ code: string; id: string }[]>;
  const single = async (rows: Promise<readonly { id: string | number }[]>) => Number((await rows)[0]?.id);
  return {
    partner: await byCode(ids`select code, id from partners`),
    instance: await byCode(ids`select code, id from instances`),
    account: await byCode(
      ids`select i.code || '/' || a.code as code, a.id from accounts a join instances i on i.id = a.instance_id`,
    ),
    product: await byCode(ids`select code, id from products`),
    tenant: await single(sql<{ id: string }[]>`select id from tenants`),
    source: await single(sql<{ id: string }[]>`select id from sources`),
  };
}

export interface NewRule {
  readonly scope: 'programme' | 'partner' | 'instance' | 'account' | 'tier';
  readonly scopeId?: number | string;
  readonly productId?: number;
  /** Percentage in ppm; with neither rate nor flat the rule excludes. */
  readonly ratePpm?: number;
  readonly flatMinor?: number;
  readonly currency?: string;
  readonly base?: 'net' | 'gross';
  readonly from?: string;
  readonly to?: string;
}

/** A rule and its version under a number of its own; the version's id. */
export async function insertRule({ sql }: Connection, rule: NewRule): Promise<number> {
  const of = (scope: NewRule['scope']) => (rule.scope === scope ? (rule.scopeId ?? null) : null);
  const kind = rule.ratePpm !== undefined ? 'percentage' : rule.flatMinor !== undefined ? 'flat' : 'exclude';
  const [made] = await sql<{ id: string }[]>`
    insert into rules (slot, level, scope, account_id, instance_id, partner_id, tier, product_id)
    values ('own', 0, ${rule.scope}, ${of('account')}, ${of('instance')}, ${of('partner')}, ${of('tier')}, ${rule.productId ?? null})
    returning id`;
  const seq = await drawKnownSeq({ sql } as Connection, 'rule');
  const [version] = await sql<{ id: string }[]>`
    insert into rule_versions (rule_id, valid, known_seq, kind, base, rate_ppm, flat_minor, currency)
    values (${made!.id}, daterange(${rule.from ?? null}, ${rule.to ?? null}), ${seq}, ${kind}, ${rule.base ?? 'net'},
      ${rule.ratePpm ?? null}, ${rule.flatMinor ?? null}, ${rule.currency ?? null})
    returning id`;
  return Number(version!.id);
}

export async function drawKnownSeq({ sql }: Connection, summary = 'a test'): Promise<number> {
  const [drawn] = await sql<{ seq: string }[]>`select draw_known_seq(${summary}) as seq`;
  return Number(drawn!.seq);
}

export interface NewEvent {
  readonly externalId: string;
  readonly instanceId: number;
  /** Default payment, 100.00 EUR, 1 October 2026, version 1. */
  readonly kind?: string;
  readonly netMinor?: number;
  readonly grossMinor?: number;
  readonly wholesaleNetMinor?: number;
  readonly country?: string;
  readonly currency?: string;
  readonly on?: string;
  readonly accountId?: number;
  readonly productId?: number;
  readonly saleId?: number;
  readonly version?: number;
  readonly voidsId?: number;
  readonly subscriptionId?: number;
}

export interface Batch {
  readonly id: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Reserves ids and announces a batch of that many events, which must follow in the same transaction. */
export async function announceBatch(
  { sql }: Connection,
  batch: { source: number; events: number; from: string; to: string; origin?: string; request?: number },
): Promise<Batch> {
  const [drawn] = await sql<{ first: string }[]>`select allocate_event_ids(${batch.events}) as first`;
  const firstId = Number(drawn!.first);
  const lastId = firstId + batch.events - 1;
  const [made] = await sql<{ id: string }[]>`
    insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected, request_id)
    values (${batch.source}, ${batch.origin ?? 'import'}, ${firstId}, ${lastId}, ${firstId - 1}, ${batch.from}, ${batch.to}, ${batch.events}, 0, 0,
      ${batch.request ?? null})
    returning id`;
  return { id: Number(made!.id), firstId, lastId };
}

export async function insertEvent(
  { sql }: Connection,
  at: { id: number; batchId: number; source: number },
  event: NewEvent,
): Promise<void> {
  const on = event.on ?? '2026-10-01';
  const net = event.netMinor ?? 10_000;
  await sql`
    insert into revenue_events (id, batch_id, source_id, version, kind, external_id, instance_id, account_id, product_id, sale_id,
      voids_id, currency, net_minor, gross_minor, wholesale_net_minor, country, occurred_at, occurred_on, subscription_id)
    values (${at.id}, ${at.batchId}, ${at.source}, ${event.version ?? 1}, ${event.kind ?? 'payment'}, ${event.externalId},
      ${event.instanceId}, ${event.accountId ?? null}, ${event.productId ?? null}, ${event.saleId ?? null},
      ${event.voidsId ?? null}, ${event.currency ?? 'EUR'}, ${net}, ${event.grossMinor ?? net},
      ${event.wholesaleNetMinor ?? null}, ${event.country ?? null}, ${`${on}T12:00:00Z`}, ${on},
      ${event.subscriptionId ?? null})`;
}

/** A whole batch; events must come in the order of their dates. */
export async function recordBatch(
  tx: Connection,
  source: number,
  events: readonly NewEvent[],
  origin = 'import',
): Promise<Batch> {
  const dates = events.map((event) => event.on ?? '2026-10-01').sort();
  const batch = await announceBatch(tx, {
    source,
    events: events.length,
    from: dates[0]!,
    to: dates.at(-1)!,
    origin,
  });
  for (const [index, event] of events.entries()) {
    await insertEvent(tx, { id: batch.firstId + index, batchId: batch.id, source }, event);
  }
  return batch;
}

/** The act of an operator as a request asks for it. */
export interface NewAct {
  readonly kind: string;
  readonly instance_id: number;
  readonly currency?: string;
  readonly sale_id?: number;
  readonly voids_id?: number;
  readonly regards_id?: number;
  readonly legs?: readonly { partner_id: number; amount_minor: string; leg?: number; base_minor?: string }[];
}

/** Asks for acts of one kind, of a day if it is told, and does nothing yet. */
export async function insertRequest(
  { sql }: Connection,
  kind: string,
  acts: readonly NewAct[],
  on?: string,
): Promise<number> {
  const told = acts.map((act) => ({
    currency: 'EUR',
    ...act,
    ...(act.legs === undefined ? {} : { legs: act.legs.map((leg) => ({ leg: 0, base_minor: '0', ...leg })) }),
  }));
  const [made] = await sql<{ id: string }[]>`
    insert into requests (kind, reason, payload, content_hash) values (${kind}, 'because', ${JSON.stringify({ acts: told, on })}::text::jsonb, '')
    returning id`;
  return Number(made!.id);
}

/** Does a request by recording acts, those asked for or others. */
export async function applyActs(
  tx: Connection,
  request: number,
  source: number,
  acts: readonly NewAct[],
  day = '2026-11-21',
): Promise<Batch> {
  await tx.sql`insert into request_applications (request_id) values (${request})`;
  const batch = await announceBatch(tx, {
    source,
    events: acts.length,
    from: day,
    to: day,
    origin: 'operator',
    request,
  });
  for (const [index, act] of acts.entries()) {
    const id = batch.firstId + index;
    await tx.sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, sale_id, voids_id, regards_id, currency, net_minor,
        gross_minor, occurred_at, occurred_on)
      values (${id}, ${batch.id}, ${source}, ${act.kind}, ${`act-${id}`}, ${act.instance_id}, ${act.sale_id ?? null}, ${act.voids_id ?? null},
        ${act.regards_id ?? null}, ${act.currency ?? 'EUR'}, 0, 0, ${`${day}T12:00:00Z`}, ${day})`;
    for (const { leg = 0, partner_id, amount_minor, base_minor = '0' } of act.legs ?? []) {
      await tx.sql`insert into event_legs (event_id, leg, partner_id, amount_minor, base_minor)
        values (${id}, ${leg}, ${partner_id}, ${amount_minor}, ${base_minor})`;
    }
  }
  return batch;
}

/** A chunk of this transaction that decides for itself, under no run. */
export async function ownChunk(tx: Connection): Promise<number> {
  const [chunk] = await tx.sql<{ id: number }[]>`
    insert into decision_chunks (known_seq) select max(known_seq) from known_changes returning id::int`;
  return chunk!.id;
}

/** Decides acts of this transaction as they say and posts them, as whoever did them. */
export async function postOwnActs(tx: Connection, batch: Batch, acts: readonly NewAct[]): Promise<void> {
  const decided = acts.flatMap(({ kind, legs = [] }, place) =>
    legs.map(({ leg = 0, partner_id, amount_minor, base_minor = '0' }) => ({
      ...{ place, kind, leg, partner_id, base: base_minor, amount: amount_minor, full: amount_minor },
    })),
  );
  await tx.sql`select post_acts(${batch.id}, (select max(known_seq) from known_changes), ${JSON.stringify(decided)}::text::jsonb)`;
}

/** Voids an event as two people do: `tester` asks, a second login approves and does it. */
export async function voidEvent(database: TestDatabase, externalId: string): Promise<void> {
  const [maker, checker] = [await database.as('tester'), await database.as('second_tester')];
  const [event] = await maker.sql<{ id: number; instance_id: number; currency: string; source_id: number }[]>`
    select id::int, instance_id::int, currency, source_id from revenue_events where external_id = ${externalId} order by version desc limit 1`;
  const { id, instance_id, currency, source_id: source } = event!;
  const acts = [{ kind: 'void', instance_id, currency, voids_id: id }];
  const request = await maker.transaction(async (tx) => await insertRequest(tx, 'void', acts));
  await checker.transaction(async (tx) => {
    await tx.sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
    await applyActs(tx, request, source, acts);
  });
}

export async function insertSale(
  { sql }: Connection,
  sale: {
    source: number;
    ref: string;
    instanceId: number;
    netMinor: number;
    currency?: string;
    date?: string;
    accountId?: number;
    productId?: number;
    /** Default: the gross was said, and is the net. */
    grossTold?: boolean;
  },
): Promise<number> {
  const [made] = await sql<{ id: string }[]>`
    insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor, gross_told, sale_date)
    values (${sale.source}, ${sale.ref}, ${sale.instanceId}, ${sale.accountId ?? null}, ${sale.productId ?? null},
      ${sale.currency ?? 'EUR'}, ${sale.netMinor}, ${sale.netMinor}, ${sale.grossTold ?? true}, ${sale.date ?? null})
    returning id`;
  return Number(made!.id);
}

export interface Run {
  readonly id: number;
  readonly knownSeq: number;
}

/** A claimed run that may write for an hour, unless told otherwise. */
export async function startRun(
  { sql }: Connection,
  run: { job?: string; scope?: string; date?: string; attempt?: number; lease?: string } = {},
): Promise<Run> {
  const [made] = await sql<{ id: string; seq: string }[]>`
    insert into job_runs (job, scope, business_date, attempt, status, known_seq, lease_until, worker)
    select ${run.job ?? 'accrue-commissions'}, ${run.scope ?? ''}, ${run.date ?? '2026-11-20'}, ${run.attempt ?? 1}, 'running',
      (select max(known_seq) from known_changes), clock_timestamp() + ${run.lease ?? '1 hour'}::interval, 'test'
    returning id, known_seq as seq`;
  return { id: Number(made!.id), knownSeq: Number(made!.seq) };
}

export async function finishRun({ sql }: Connection, run: Run): Promise<void> {
  await sql`update job_runs set status = 'succeeded', finished_at = clock_timestamp() where id = ${run.id}`;
}

export async function openChunk({ sql }: Connection, run: Run): Promise<number> {
  const [made] = await sql<{ id: string }[]>`
    insert into decision_chunks (run_id, known_seq) values (${run.id}, ${run.knownSeq}) returning id`;
  return Number(made!.id);
}

/** Moves the batch's cursor to `to` and says so by a range of the chunk. */
export async function decideRange({ sql }: Connection, chunk: number, batch: Batch, to: number): Promise<void> {
  const [before] = await sql<{ at: string }[]>`select decided_to as at from event_batches where id = ${batch.id}`;
  await sql`update event_batches set decided_to = ${to} where id = ${batch.id}`;
  await sql`insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (${chunk}, ${batch.id}, ${Number(before!.at) + 1}, ${to})`;
}

export interface NewEntry {
  readonly eventId: number;
  readonly chunkId: number;
  readonly knownSeq: number;
  readonly walletId: number | null;
  readonly amountMinor: number;
  /** Default: an earning at 10 % of a base that is ten times the amount, posted on 1 October, payable 30 days later. */
  readonly baseMinor?: number;
  readonly fullMinor?: number;
  readonly ratePpm?: number | null;
  readonly ruleVersion?: number | null;
  readonly on?: string;
  readonly payableOn?: string;
  readonly kind?: string;
  readonly reason?: string | null;
  readonly leg?: number;
}

export async function insertEntry({ sql }: Connection, entry: NewEntry): Promise<void> {
  const on = entry.on ?? '2026-10-01';
  await sql`
    insert into entries (event_id, chunk_id, wallet_id, amount_minor, base_minor, full_minor, rule_version_id, known_seq, rate_ppm,
      posting_date, payable_on, kind, reason, leg)
    values (${entry.eventId}, ${entry.chunkId}, ${entry.walletId}, ${entry.amountMinor}, ${entry.baseMinor ?? entry.amountMinor * 10},
      ${entry.fullMinor ?? entry.amountMinor}, ${entry.ruleVersion ?? null}, ${entry.knownSeq}, ${entry.ratePpm === undefined ? 100_000 : entry.ratePpm},
      ${on}, coalesce(${entry.payableOn ?? null}::date, ${on}::date + 30), ${entry.kind ?? 'earning'}, ${entry.reason ?? null}, ${entry.leg ?? 0})`;
}

/** The ledger account, made when it is not there. A wallet wants partner and instance, the others neither. */
export async function ledgerAccount(
  { sql }: Connection,
  account: { type?: string; currency?: string; partnerId?: number; instanceId?: number },
): Promise<number> {
  const { type = 'wallet', currency = 'EUR', partnerId = null, instanceId = null } = account;
  await sql`insert into ledger_accounts (type, currency, partner_id, instance_id)
    values (${type}, ${currency}, ${partnerId}, ${instanceId}) on conflict do nothing`;
  const [found] = await sql<{ id: string }[]>`
    select id from ledger_accounts where type = ${type} and currency = ${currency}
      and partner_id is not distinct from ${partnerId} and instance_id is not distinct from ${instanceId}`;
  return Number(found!.id);
}

export async function openPosting({ sql }: Connection, run: Run, from: number, to: number = from): Promise<number> {
  const [made] = await sql<{ id: string }[]>`
    insert into postings (run_id, chunk_from, chunk_to) values (${run.id}, ${from}, ${to}) returning id`;
  return Number(made!.id);
}

export async function insertTransfer(
  { sql }: Connection,
  transfer: { posting: number; debit: number; credit: number; amountMinor: number; kind?: string; on?: string },
): Promise<void> {
  await sql`insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    values (${transfer.posting}, ${transfer.debit}, ${transfer.credit}, ${transfer.amountMinor}, ${transfer.kind ?? 'earning'}, ${transfer.on ?? '2026-10-01'})`;
}

/** Posts chunks as SEMANTICS §6 says: one transfer per wallet, kind and date, against commission expense. */
export async function postChunks(tx: Connection, run: Run, from: number, to: number = from): Promise<number> {
  await tx.sql`insert into ledger_accounts (type, currency)
    select distinct 'commission_expense', w.currency from entries e join ledger_accounts w on w.id = e.wallet_id
    where e.chunk_id between ${from} and ${to} on conflict do nothing`;
  const posting = await openPosting(tx, run, from, to);
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${posting}, case when s.amount > 0 then x.id else s.wallet_id end, case when s.amount > 0 then s.wallet_id else x.id end,
      abs(s.amount), s.kind, s.posting_date
    from (select e.wallet_id, w.currency, e.kind::text as kind, e.posting_date, sum(e.amount_minor)::bigint as amount
          from entries e join ledger_accounts w on w.id = e.wallet_id
          where e.chunk_id between ${from} and ${to} group by 1, 2, 3, 4) s
    join ledger_accounts x on x.type = 'commission_expense' and x.currency = s.currency
    where s.amount <> 0`;
  return posting;
}

/** A login that is a member of the owner's role: what migrates, and what the tool refuses to work as. */
export async function ownerLogin(database: TestDatabase, login: string): Promise<Database> {
  const db = await database.as(login, 'none');
  const { owner } = roleNames(inject('server').template, 'main');
  await database.admin().sql.unsafe(`grant "${owner}" to "${login}"`);
  return db;
}
