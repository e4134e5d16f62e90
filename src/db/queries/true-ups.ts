import { list } from '../arrays.ts';
import type { Bracket, GivenLeg, WindowKey } from '../../domain/rating/model.ts';
import type { WindowPiece } from '../../domain/rating/true-up.ts';
import type { Connection } from '../connection.ts';
import type { WindowPosition } from './windows.ts';

/** A window under whole brackets that has ended and was moved since it was last trued up, if it ever was. */
export interface OpenWindow {
  readonly key: WindowKey;
  readonly position: WindowPosition;
  /** The rule's whole brackets in force on the window's last day, or the last ones before. */
  readonly ruleVersionId: number;
  readonly brackets: readonly Bracket[];
}

// Sales that the rule decided by other brackets, before or after it had whole ones, are no part of the whole.
const countsHere = (tx: Connection, entry: string, version: string) =>
  tx.sql.unsafe(`(${version}.bracket_mode = 'whole' or ${entry}.kind in ('rerate', 'reattribution'))`);

/** Up to `limit` of them whose last day is no later than `until`, the earliest first. Reads only. */
export async function openWindows(
  tx: Connection,
  until: string,
  knownSeq: number,
  limit: number,
): Promise<OpenWindow[]> {
  const rows = await tx.sql<
    (WindowKey & Record<'base' | 'full' | 'froms' | 'ppms', string> & { ordinal: number; ruleVersionId: number })[]
  >`
    select l.rule_id::int as "ruleId", l.owner_id::int as "ownerId", l.currency, l.starts_on as "startsOn", l.ordinal,
      l.base_after_minor as base, l.full_after_minor as "full", v.id::int as "ruleVersionId",
      array_to_string(v.bracket_from, ',') as froms, array_to_string(v.bracket_ppm, ',') as ppms
    from (
      select distinct on (m.rule_id, m.owner_id, m.currency, m.starts_on) m.*
      from window_moves m where m.rule_id in (select rule_id from rule_versions where bracket_mode = 'whole')
      order by m.rule_id, m.owner_id, m.currency, m.starts_on, m.ordinal desc
    ) l
    join entries n on n.event_id = l.event_id and n.leg = l.leg and n.kind <> 'true_up'
    cross join lateral (
      select x.id, x.bracket_from, x.bracket_ppm, window_end(x.window_kind, l.starts_on) as ends_on
      from rule_versions x
      where x.rule_id = l.rule_id and x.bracket_mode = 'whole' and x.currency = l.currency
        and x.known_seq <= ${knownSeq} and (x.retired_seq is null or x.retired_seq > ${knownSeq})
        and (lower_inf(x.valid) or lower(x.valid) < window_end(x.window_kind, l.starts_on))
      order by lower(x.valid) desc nulls last limit 1
    ) v
    where v.ends_on <= ${until}::date + 1 and exists (
      select from window_moves m join entries o on o.event_id = m.event_id and o.leg = m.leg join rule_versions w on w.id = o.rule_version_id
      where m.rule_id = l.rule_id and m.owner_id = l.owner_id and m.currency = l.currency and m.starts_on = l.starts_on
        and ${countsHere(tx, 'o', 'w')})
    order by l.starts_on, l.rule_id, l.owner_id, l.currency limit ${limit}`;
  return rows.map(({ ruleId, ownerId, currency, startsOn, ordinal, base, full, ruleVersionId, froms, ppms }) => ({
    key: { ruleId, ownerId, currency, startsOn },
    position: { base: BigInt(base), full: BigInt(full), ordinal },
    ruleVersionId,
    brackets: bracketsOf(froms.split(','), ppms.split(',')),
  }));
}

function bracketsOf(froms: readonly string[], ppms: readonly string[]): Bracket[] {
  return froms.map((from, index) => ({ from: BigInt(from), ratePpm: Number(ppms[index]) }));
}

export interface OpenPiece extends WindowPiece {
  readonly walletId: number;
}

/**
 * What each wallet has in these windows, window by window in their order. What a window has posted is the fulls of its
 * moves: under whole brackets they are what its sales posted, and its true-ups. Reads only.
 */
export async function piecesOf(tx: Connection, windows: readonly OpenWindow[]): Promise<OpenPiece[][]> {
  const keys = windows.map(({ key }) => key);
  const rows = await tx.sql<
    { at: number; partnerId: number; instanceId: number; walletId: number; base: string; posted: string }[]
  >`
    select k.at::int, w.partner_id::int as "partnerId", w.instance_id::int as "instanceId", w.id::int as "walletId",
      sum(m.base_minor) as base, sum(m.full_minor) as posted
    from unnest(${list(keys.map((key) => key.ruleId))}::bigint[], ${list(keys.map((key) => key.ownerId))}::bigint[],
      ${list(keys.map((key) => key.currency))}::text[], ${list(keys.map((key) => key.startsOn))}::date[])
      with ordinality k (rule_id, owner_id, currency, starts_on, at)
    join window_moves m on m.rule_id = k.rule_id and m.owner_id = k.owner_id and m.currency = k.currency and m.starts_on = k.starts_on
    join entries n on n.event_id = m.event_id and n.leg = m.leg
    join rule_versions v on v.id = n.rule_version_id
    join ledger_accounts w on w.id = n.wallet_id
    where ${countsHere(tx, 'n', 'v')}
    group by k.at, w.id order by k.at, w.partner_id, w.instance_id`;
  const pieces: OpenPiece[][] = windows.map(() => []);
  for (const { at, base, posted, ...piece } of rows) {
    pieces[at - 1]!.push({ ...piece, base: BigInt(base), posted: BigInt(posted) });
  }
  return pieces;
}

export interface TrueUpEvent extends GivenLeg {
  readonly externalId: string;
  readonly instanceId: number;
  readonly currency: string;
}

/** The events of a batch of true-ups with what each gives, in the order of its ids; at the day's noon in the programme's zone. */
export async function insertTrueUps(
  tx: Connection,
  batch: { readonly id: number; readonly firstId: number; readonly sourceId: number },
  on: string,
  events: readonly TrueUpEvent[],
): Promise<void> {
  await tx.sql`
    insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, currency, net_minor, gross_minor, occurred_at, occurred_on)
    select ${batch.firstId}::bigint - 1 + u.at, ${batch.id}, ${batch.sourceId}, 'true_up', u.external_id, u.instance_id, u.currency, 0, 0,
      (${on}::date + time '12:00') at time zone (select zone from programme), ${on}
    from unnest(${list(events.map((event) => event.externalId))}::text[], ${list(events.map((event) => event.instanceId))}::bigint[],
      ${list(events.map((event) => event.currency))}::text[]) with ordinality u (external_id, instance_id, currency, at)
    order by u.at`;
  const column = (key: Exclude<keyof GivenLeg, 'payableOn'>) => list(events.map((event) => event[key]));
  await tx.sql`
    insert into event_legs (event_id, leg, partner_id, amount_minor, base_minor, rule_version_id, rate_ppm)
    select ${batch.firstId}::bigint - 1 + u.at, u.leg, u.partner_id, u.amount, u.base, u.rule_version_id, u.rate_ppm
    from unnest(${column('leg')}::smallint[], ${column('partnerId')}::bigint[], ${column('amount')}::bigint[], ${column('base')}::bigint[],
      ${column('ruleVersionId')}::bigint[], ${column('ratePpm')}::int[]) with ordinality
      u (leg, partner_id, amount, base, rule_version_id, rate_ppm, at)`;
}
