import type { Connection } from '../../src/db/connection.ts';

/**
 * A run of one payout out of one wallet, by plain SQL as the guards want it but for what `over` says otherwise; its number.
 * Entries `EVENT.LEG` of one wallet.
 */
export async function draft(
  { sql }: Connection,
  entries: string | readonly string[],
  over: {
    gross?: number;
    line?: number;
    wallet?: number;
    partner?: string;
    cutoff?: string;
    withheld?: number;
    limit?: string;
  } = {},
): Promise<number> {
  const found: { event: number; leg: number; wallet: number; amount: number }[] = [];
  for (const entry of [entries].flat()) {
    const [event, leg] = entry.split('.');
    found.push(
      ...(await sql.unsafe<typeof found>(
        `select event_id::int as event, leg, wallet_id::int as wallet, amount_minor::int as amount
         from main.entries where event_id = ${event} and leg = ${leg}`,
      )),
    );
  }
  const sum = found.reduce((total, { amount }) => total + amount, 0);
  const {
    gross = sum,
    line,
    wallet = gross,
    partner = 'acme',
    cutoff = '2026-11-21',
    withheld = 0,
    limit = 'null',
  } = over;
  const [run] = await sql.unsafe<{ id: number }[]>(
    `insert into main.payout_runs (cutoff, scope, limit_id) values ('${cutoff}', 'programme', ${limit}) returning id::int`,
  );
  const [payout] = await sql.unsafe<{ id: number }[]>(
    `insert into main.payouts (run_id, partner_id, currency, gross_minor, withheld_minor, sent_minor)
     select ${run!.id}, id, 'EUR', ${gross}, ${withheld}, ${gross - withheld} from main.partners where code = '${partner}' returning id::int`,
  );
  await sql.unsafe(
    `insert into main.payout_wallets (payout_id, wallet_id, gross_minor, withheld_minor, sent_minor)
     values (${payout!.id}, ${found[0]!.wallet}, ${wallet}, ${withheld}, ${wallet - withheld})`,
  );
  for (const { event, leg, wallet: from, amount } of found) {
    await sql.unsafe(
      `insert into main.payout_lines (payout_id, event_id, wallet_id, amount_minor, leg) values (${payout!.id}, ${event}, ${from}, ${line ?? amount}, ${leg})`,
    );
  }
  return run!.id;
}
