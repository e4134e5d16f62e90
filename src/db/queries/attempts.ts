import { list } from '../arrays.ts';
import type { AttemptOutcome } from '../../domain/attempts.ts';
import type { ApiRailName, Provider } from '../../domain/rail-names.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';

/** An attempt as it stands, with what sending it wants to know. */
export interface AttemptRow {
  readonly id: number;
  readonly payoutId: number;
  readonly nth: number;
  readonly rail: ApiRailName;
  readonly profileId: number;
  readonly profile: Readonly<Record<string, string>>;
  readonly key: string;
  readonly outcome: AttemptOutcome | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly ended: boolean;
  /** Whether the provider still promises to know the key. */
  readonly mayBeSent: boolean;
  /** Seconds since the last answer; null before it. */
  readonly answeredSeconds: number | null;
  readonly providerId: string | null;
  readonly number: string;
  readonly runId: number;
  readonly partner: string;
  readonly currency: string;
  /** Minor units. */
  readonly sent: string;
  readonly status: PayoutStatus;
  readonly instrumentId: number;
}

export type AttemptSelection =
  | { readonly ids: readonly number[] }
  | { readonly payoutIds: readonly number[] }
  | { readonly inFlight: true }
  | { readonly key: string }
  | { readonly providerId: string; readonly rail: ApiRailName };

/** Attempts in the order of their making; by payouts, or `inFlight`, of which are with a provider: the last of each. */
export async function attemptRows(tx: Connection, which: AttemptSelection): Promise<AttemptRow[]> {
  const condition =
    'ids' in which
      ? tx.sql`s.id = any (${list(which.ids)}::bigint[])`
      : 'key' in which
        ? tx.sql`s.key = ${which.key}`
        : 'providerId' in which
          ? tx.sql`s.provider_id = ${which.providerId} and s.rail = ${which.rail}`
          : tx.sql`${'payoutIds' in which ? tx.sql`s.payout_id = any (${list(which.payoutIds)}::bigint[])` : tx.sql`p.status in ('processing', 'unclaimed')`}
              and not exists (select from payout_attempts n where n.payout_id = s.payout_id and n.nth > s.nth)`;
  return [
    ...(await tx.sql<AttemptRow[]>`
      select s.id::int, s.payout_id::int as "payoutId", s.nth, s.rail, s.rail_profile_id::int as "profileId", r.profile, s.key, s.outcome, s.code,
        s.message, s.ended, s.send_until > clock_timestamp() as "mayBeSent", extract(epoch from clock_timestamp() - s.answered_at)::float8 as "answeredSeconds",
        s.provider_id as "providerId", p.number, p.run_id::int as "runId", a.code as partner, p.currency, p.sent_minor as sent, p.status,
        p.instrument_id::int as "instrumentId"
      from payout_attempt_standings s join payouts p on p.id = s.payout_id join partners a on a.id = p.partner_id
      join rail_profiles r on r.id = s.rail_profile_id
      where ${condition} order by s.id`),
  ];
}

/** Writes the next attempt of each of these payouts; number and key are the database's. Returns their ids, in that order. */
export async function insertAttempts(
  tx: Connection,
  attempts: readonly { readonly payoutId: number; readonly profileId: number }[],
): Promise<number[]> {
  const made = await tx.sql<{ id: number }[]>`
    insert into payout_attempts (payout_id, rail_profile_id)
    select x."payoutId", x."profileId" from json_to_recordset(${JSON.stringify(attempts)}::json) x ("payoutId" bigint, "profileId" bigint)
    order by x."payoutId" returning id::int`;
  return made.map(({ id }) => id);
}

export async function insertOutcome(
  tx: Connection,
  said: {
    readonly attemptId: number;
    readonly outcome: AttemptOutcome;
    readonly providerId: string | null;
    readonly code: string | null;
    readonly message: string | null;
  },
): Promise<void> {
  await tx.sql`
    insert into payout_attempt_outcomes (attempt_id, outcome, provider_id, code, message)
    values (${said.attemptId}, ${said.outcome}, ${said.providerId}, ${said.code}, ${said.message})`;
}

/** Held to the end of the transaction: what two have heard of a payout is told one after the other. */
export async function lockAnswers(tx: Connection, payoutId: number): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.payout_attempts.' || ${payoutId}::text, 0))`;
}

/** Whether it is on record; an event of that name is one event. */
export async function knowsEvent(tx: Connection, provider: Provider, eventId: string): Promise<boolean> {
  const [row] = await tx.sql<{ known: boolean }[]>`
    select exists (select from webhook_events where provider = ${provider} and event_id = ${eventId}) as known`;
  return row!.known;
}

export async function insertWebhookEvent(
  tx: Connection,
  event: {
    readonly provider: Provider;
    readonly eventId: string;
    readonly type: string;
    readonly sha256: string;
    readonly payoutId: number | null;
    readonly outcome: string;
  },
): Promise<void> {
  const { provider, eventId, type, sha256, payoutId, outcome } = event;
  await tx.sql`
    insert into webhook_events (provider, event_id, type, sha256, payout_id, outcome)
    values (${provider}, ${eventId}, ${type}, ${sha256}, ${payoutId}, ${outcome})`;
}

/** What a provider told, and what came of it. */
export interface WebhookEvent {
  readonly provider: Provider;
  readonly event: string;
  readonly type: string;
  readonly payout: string | null;
  readonly outcome: string;
  readonly sha256: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export async function webhookEventRows(
  tx: Connection,
  {
    provider,
    limit,
    offset,
  }: { readonly provider: Provider | undefined; readonly limit: number; readonly offset: number },
): Promise<WebhookEvent[]> {
  return [
    ...(await tx.sql<WebhookEvent[]>`
      select w.provider, w.event_id as event, w.type, p.number as payout, w.outcome, w.sha256, w.created_by as "createdBy", w.recorded_at as "recordedAt"
      from webhook_events w left join payouts p on p.id = w.payout_id
      where ${provider ?? null}::text is null or w.provider = ${provider ?? null}
      order by w.id desc limit ${limit} offset ${offset}`),
  ];
}
