import type { Connection, Database } from '../../src/db/connection.ts';

// The steps of a run by plain SQL, as an operator takes them: of a run, what is found, gives and is written. `at` are codes of
// instances, whose wallets are meant: in EUR.

interface Drafted {
  readonly cutoff?: string;
  readonly withheld?: number;
  readonly fee?: number;
  /** SQL, of the run. */
  readonly limit?: string;
  /** SQL, the payout that is tried again. */
  readonly retried?: string;
}

const CUTOFF = '2026-11-21';

/** A run that is still to be written; its number. */
export async function beginRun(
  { sql }: Connection,
  { cutoff = CUTOFF, limit = 'null' }: Drafted = {},
): Promise<number> {
  const [run] = await sql.unsafe<{ id: number }[]>(
    `insert into main.payout_runs (cutoff, scope, limit_id) values ('${cutoff}', 'programme', ${limit}) returning id::int`,
  );
  return run!.id;
}

export async function find(
  { sql }: Connection,
  at: string | readonly string[],
  { cutoff = CUTOFF, retried = 'null', toPay = true }: Drafted & { toPay?: boolean } = {},
): Promise<void> {
  await sql.unsafe(`select main.${toPay ? 'take_due' : 'find_due'}(array(${walletsAt(at)}), '${cutoff}', ${retried})`);
}

export async function give(
  { sql }: Connection,
  at: string | readonly string[],
  { withheld = 0, fee = 0 }: Drafted = {},
): Promise<void> {
  await sql.unsafe(
    `insert into pg_temp.payout_giving (wallet_id, withheld_minor, fee_minor) select w.id, ${withheld}, ${fee} from (${walletsAt(at)}) w`,
  );
}

export async function write({ sql }: Connection, run: number, { retried = 'null' }: Drafted = {}): Promise<void> {
  await sql.unsafe(`select main.write_payouts(${run}, ${retried})`);
}

/** A run of all that is due at an instance; its number. */
export async function draft(tx: Connection, at: string, over: Drafted = {}): Promise<number> {
  const run = await beginRun(tx, over);
  await find(tx, at, over);
  await give(tx, at, over);
  await write(tx, run, over);
  return run;
}

function walletsAt(at: string | readonly string[]): string {
  const codes = [at].flat().map((code) => `'${code}'`);
  return `select w.id from main.ledger_accounts w join main.instances i on i.id = w.instance_id
    where w.type = 'wallet' and w.currency = 'EUR' and i.code in (${codes.join(', ')})`;
}

/**
 * A run of maker's that no guard has seen, of one payout of these entries `EVENT.LEG` of one wallet, whatever they are; its
 * number. What the database does not write, but has to see where it is.
 */
export async function plantRun(
  admin: Database,
  entries: readonly string[],
  { cutoff = CUTOFF }: Drafted = {},
): Promise<number> {
  return await admin.transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    const [run] = await sql<{ id: number }[]>`
      insert into payout_runs (id, cutoff, scope, payouts, content_hash, known_seq, created_by, recorded_at)
      select coalesce(max(id), 0) + 1, ${cutoff}, 'programme', 1, encode(sha256(${entries.join()}::bytea), 'hex'),
        (select max(known_seq) from known_changes), 'maker', now()
      from payout_runs returning id::int`;
    await sql`
      with lines as (
        select n.* from entries n where n.event_id || '.' || n.leg in ${sql(entries)}
      ), paid as (
        insert into payouts (id, number, run_id, partner_id, currency, gross_minor, sent_minor, status, lines, content_hash, created_by, recorded_at)
        select last.id + 1, 'P' || lpad((last.id + 1)::text, 8, '0') || 'A', ${run!.id}, w.partner_id, w.currency, s.gross, s.gross, 'pending', s.lines,
          encode(sha256(${entries.join()}::bytea), 'hex'), 'maker', now()
        from (select wallet_id, sum(amount_minor) as gross, count(*) as lines from lines group by 1) s
        join ledger_accounts w on w.id = s.wallet_id
        cross join (select coalesce(max(id), 0) as id from payouts) last
        returning id, gross_minor
      ), wallets as (
        insert into payout_wallets (payout_id, wallet_id, gross_minor, sent_minor)
        select p.id, l.wallet_id, p.gross_minor, p.gross_minor from paid p cross join (select distinct wallet_id from lines) l
      )
      insert into payout_lines (payout_id, event_id, wallet_id, amount_minor, leg)
      select p.id, l.event_id, l.wallet_id, l.amount_minor, l.leg from paid p cross join lines l`;
    return run!.id;
  });
}
