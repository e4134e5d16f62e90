import type { Connection, Database } from '../../src/db/connection.ts';
import { finishRun, insertSale, openChunk, postChunks, startRun, type Books } from '../books.ts';

/** An entry that is to exist: an event of its own, decided with this very amount and posted. */
export interface Earning {
  /** Code of the instance; the partner is the one it was founded by. */
  readonly instance: string;
  /** Minor units of EUR. */
  readonly amount: number;
  /** Business date; default 1 October 2026. */
  readonly on?: string;
  /** Default: the business date for a negative, 30 days later for a positive; otherwise its instance has another hold that day. */
  readonly payableOn?: string;
  /** Events of one sale share it; the first of them makes it. */
  readonly sale?: string;
  readonly currency?: string;
}

let earnings = 0;

/** Entries `EVENT.LEG` in the order given. Written through the guards, as the login of the connection. */
export async function earn(db: Database, books: Books, rows: readonly Earning[]): Promise<string[]> {
  earnings += 1;
  const tag = `earn-${process.pid}-${earnings}`;
  return await db.transaction(async (tx) => {
    const { sql } = tx;
    const dated = rows.map((row, index) => {
      const on = row.on ?? '2026-10-01';
      return {
        index,
        instance: books.instance[row.instance],
        amount: row.amount,
        on,
        payableOn: row.payableOn ?? (row.amount < 0 ? on : plusDays(on, 30)),
        sale: row.sale ?? null,
        currency: row.currency ?? 'EUR',
      };
    });
    for (const { instance, amount, on, payableOn } of dated) {
      if (amount >= 0 && payableOn !== plusDays(on, 30)) await setHold(tx, instance!, on, payableOn);
    }
    const inOrder = [...dated].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.index - b.index));
    const sales = await salesOf(tx, books, inOrder);
    const run = await startRun(tx, { scope: tag });
    const [made] = await sql<{ first: number; batch: number }[]>`
      with block as (select allocate_event_ids(${rows.length}) as first)
      insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
      select ${books.source}, 'import', first, first + ${rows.length} - 1, first - 1, ${inOrder[0]!.on}, ${inOrder.at(-1)!.on}, ${rows.length}, 0, 0
      from block returning first_id::int as first, id::int as batch`;
    const { first, batch } = made!;
    const json = JSON.stringify(
      inOrder.map((row, at) => ({ ...row, id: first + at, sale: row.sale === null ? null : sales.get(row.sale) })),
    );
    await sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, sale_id, currency, net_minor, gross_minor, occurred_at, occurred_on)
      select x.id, ${batch}, ${books.source}, case when x.amount < 0 then 'credit_note' else 'payment' end::event_kind, ${tag} || '-' || x.id,
        x.instance, x.sale, x.currency, x.amount * 10, x.amount * 10, x."on" + time '12:00', x."on"
      from json_to_recordset(${json}::json) x (id bigint, instance bigint, sale bigint, currency text, amount bigint, "on" date)`;
    const chunk = await openChunk(tx, run);
    await sql`update event_batches set decided_to = last_id where id = ${batch}`;
    await sql`insert into decision_ranges (chunk_id, batch_id, first_id, last_id) values (${chunk}, ${batch}, ${first}, ${first + rows.length - 1})`;
    await sql`
      insert into ledger_accounts (type, currency, partner_id, instance_id)
      select distinct 'wallet', x.currency, i.partner_id, i.id
      from json_to_recordset(${json}::json) x (instance bigint, currency text) join instances i on i.id = x.instance
      on conflict do nothing`;
    await sql`
      insert into entries (event_id, chunk_id, wallet_id, amount_minor, base_minor, full_minor, rule_version_id, known_seq, rate_ppm, posting_date, payable_on, kind, leg)
      select x.id, ${chunk}, w.id, x.amount, x.amount * 10, x.amount, ${books.ruleVersion}, ${run.knownSeq}, 100000, x."on", x."payableOn",
        case when x.amount < 0 then 'credit' else 'earning' end::entry_kind, 0
      from json_to_recordset(${json}::json) x (id bigint, instance bigint, currency text, amount bigint, "on" date, "payableOn" date)
      join ledger_accounts w on w.type = 'wallet' and w.instance_id = x.instance and w.currency = x.currency`;
    await postChunks(tx, run, chunk);
    await finishRun(tx, run);
    const entryOf = new Map(inOrder.map((row, at) => [row.index, `${first + at}.0`]));
    return rows.map((_, index) => entryOf.get(index)!);
  });
}

async function salesOf(
  tx: Connection,
  books: Books,
  rows: readonly { sale: string | null; instance: number | undefined; on: string; currency: string }[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { sale, instance, on, currency } of rows) {
    if (sale === null || found.has(sale)) continue;
    const [known] = await tx.sql<{ id: number }[]>`select id::int from sales where sale_ref = ${sale}`;
    found.set(
      sale,
      known?.id ??
        (await insertSale(tx, {
          source: books.source,
          ref: sale,
          instanceId: instance!,
          netMinor: 1_000_000,
          currency,
          date: on,
        })),
    );
  }
  return found;
}

/** What an instance earns on a day may be paid from another one on than the programme says. */
async function setHold({ sql }: Connection, instanceId: number, on: string, payableOn: string): Promise<void> {
  const days = (Date.parse(payableOn) - Date.parse(on)) / DAY_MS;
  const [drawn] = await sql<{ seq: string }[]>`select draw_known_seq(${`the hold of ${on}`}) as seq`;
  await sql`insert into settings (name, instance_id, value, valid, known_seq)
    values ('hold_days', ${instanceId}, ${String(days)}::jsonb, daterange(${on}, ${plusDays(on, 1)}), ${drawn!.seq})`;
}

const DAY_MS = 86_400_000;

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A programme setting from the beginning of time, in place of the one there is. */
export async function setSetting(db: Database, name: string, value: unknown): Promise<void> {
  await db.transaction(async ({ sql }) => {
    const [drawn] = await sql<{ seq: string }[]>`select draw_known_seq(${`setting ${name}`}) as seq`;
    await sql`update settings set retired_seq = ${drawn!.seq} where name = ${name} and instance_id is null and retired_seq is null`;
    await sql`insert into settings (name, value, valid, known_seq) values (${name}, ${JSON.stringify(value)}::jsonb, daterange(null, null), ${drawn!.seq})`;
  });
}

/**
 * What must hold of payouts and wallets whatever happened on the way, written apart from the database's own guards.
 * Empty when it does.
 */
export async function payoutOffences({ sql }: Pick<Connection, 'sql'>): Promise<Record<string, unknown>[]> {
  return [
    ...(await sql`
      select 'entry in two live payouts' as offence, l.event_id || '.' || l.leg as who, count(*)::text as found
      from payout_lines l join payouts p on p.id = l.payout_id where p.status not in ('failed', 'returned', 'cancelled')
      group by 2 having count(*) > 1
      union all
      select 'line released and live, or neither', l.event_id || '.' || l.leg, p.status
      from payout_lines l join payouts p on p.id = l.payout_id
      where (l.release_id is null) <> (p.status not in ('failed', 'returned', 'cancelled'))
      union all
      select 'payout differs from its lines', p.number, concat(p.gross_minor, ' and ', sum(l.amount_minor))
      from payouts p left join payout_lines l on l.payout_id = p.id group by p.id having p.gross_minor is distinct from sum(l.amount_minor)
      union all
      select 'line differs from its entry', l.event_id || '.' || l.leg, concat(l.amount_minor, ' and ', n.amount_minor)
      from payout_lines l left join entries n on n.event_id = l.event_id and n.leg = l.leg
      where n.amount_minor is distinct from l.amount_minor or n.wallet_id is distinct from l.wallet_id
      union all
      select 'rejected and paid', l.event_id || '.' || l.leg, p.number
      from payout_lines l join payouts p on p.id = l.payout_id join entry_reviews r on r.event_id = l.event_id and r.leg = l.leg and r.verdict <> 'approved'
      where l.release_id is null
      union all
      select 'status differs from its history', p.number, p.status
      from payouts p where p.status <> coalesce((select c.status from payout_status_changes c where c.payout_id = p.id order by c.id desc limit 1), 'pending')
      union all
      select 'incomplete run', r.id::text, null from payout_runs r where r.content_hash is null
      union all
      select 'maker approved', r.id::text, a.created_by from payout_runs r join payout_approvals a on a.run_id = r.id where a.created_by = r.created_by
      union all
      select 'wallet differs from what is in it', coalesce(x.wallet_id, t.wallet_id)::text, concat(x.amount, ' and ', t.amount)
      from (
        select n.wallet_id, sum(n.amount_minor) as amount
        from entries n
        where n.amount_minor <> 0 and not exists (select from entry_reviews r where r.event_id = n.event_id and r.leg = n.leg and r.verdict <> 'approved')
          and not exists (select from payout_lines l join payouts p on p.id = l.payout_id
                          where l.event_id = n.event_id and l.leg = n.leg and p.status in ('processing', 'unclaimed', 'completed'))
        group by 1
      ) x
      full join (
        select account as wallet_id, sum(amount) as amount from (
          select credit_id as account, amount_minor as amount from transfers union all select debit_id, -amount_minor from transfers
        ) s join ledger_accounts a on a.id = s.account and a.type = 'wallet' group by 1
      ) t on t.wallet_id = x.wallet_id
      where coalesce(x.amount, 0) <> coalesce(t.amount, 0)
      union all
      select 'in transit differs', a.currency, concat(t.amount, ' and ', p.amount)
      from (select distinct currency from payouts) a
      left join (select p.currency, sum(p.sent_minor) as amount from payouts p where p.status in ('processing', 'unclaimed') group by 1) p using (currency)
      left join (
        select l.currency, sum(s.amount) as amount from (
          select credit_id as account, amount_minor as amount from transfers union all select debit_id, -amount_minor from transfers
        ) s join ledger_accounts l on l.id = s.account and l.type in ('in_transit', 'unclaimed') group by 1) t using (currency)
      where coalesce(t.amount, 0) <> coalesce(p.amount, 0)`),
  ];
}
