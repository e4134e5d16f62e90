import { createHash } from 'node:crypto';
import {
  attemptRows,
  insertWebhookEvent,
  knowsEvent,
  lockAnswers,
  type AttemptRow,
} from '../../db/queries/attempts.ts';
import type { Connection } from '../../db/connection.ts';
import { earliestValueDates } from '../../db/queries/payout-states.ts';
import { railProfileRows } from '../../db/queries/rails.ts';
import { businessDate } from '../../domain/dates.ts';
import { UnavailableError } from '../../domain/errors.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import { RAIL_OF, type ApiRailName, type Provider } from '../../domain/rail-names.ts';
import { DIFFERENCES, type Outcome } from '../../domain/reconciliation.ts';
import type { ReportedKind } from '../../domain/reported-payment.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readHttpMessage } from '../../formats/http-message.ts';
import type { PaymentReport } from '../../formats/payments/payment-report.ts';
import type { ApiAnswer, ApiEvent } from '../../rails/api-rail.ts';
import { apiRail } from '../../rails/api-rails.ts';
import { railSecrets } from '../../secrets/rail-secrets.ts';
import type { Context } from '../context.ts';
import { readingOf, settleReport } from '../payout/reconcile-payouts.ts';
import { settleAnswer } from '../payout/send-attempts.ts';
import { today } from '../today.ts';

export type WebhookSource =
  { readonly file: string; readonly label: string } | { readonly stdin: AsyncIterable<Buffer | string> };

/**
 * What came of an event: what `payout reconcile` says of a record, or
 * - `refused`: the provider will not pay now, and another attempt follows;
 * - `stale`: it is older than what the books know of that payment.
 */
export type EventOutcome = Outcome | 'refused' | 'stale';

export interface IngestedEvent {
  readonly provider: Provider;
  readonly event: string;
  readonly type: string;
  readonly payout: string | null;
  readonly partner: string | null;
  readonly outcome: EventOutcome;
  /** What the payout becomes by it; null where it stays what it is. */
  readonly becomes: PayoutStatus | null;
  readonly note: string;
}

export const isDifferent = ({ outcome }: IngestedEvent): boolean =>
  (DIFFERENCES as readonly string[]).includes(outcome);

/**
 * Takes in what a provider told by a webhook, if its signature holds: what it says of a payment moves the payout, by the same
 * settling as a report's record. Events are kept by the provider's name of them, so that one that comes again changes nothing,
 * and one that comes late is told to be stale. It is of ours if it carries the key of an attempt, or the provider's name of one:
 * numbers alone are no proof, since other programmes may be paid from the same account.
 *
 * Writes. Throws UnavailableError `webhook_secret_missing`, RefusedError `webhook_signature`, `webhook_old`, UsageError
 * `http_message`, `webhook_unreadable`.
 */
export async function ingestWebhook(
  ctx: Context,
  asked: { readonly provider: Provider; readonly source: WebhookSource; readonly toleranceSeconds: number },
): Promise<IngestedEvent> {
  const { provider, toleranceSeconds } = asked;
  const rail = RAIL_OF[provider];
  const label = 'file' in asked.source ? asked.source.label : 'stdin';
  const delivery = readHttpMessage(await bytesOf(asked.source), label);
  const [profile] = await railProfileRows(ctx.db, rail);
  const { webhook, from } = railSecrets(ctx.railSecrets, rail);
  if (webhook === null) {
    throw new UnavailableError(
      'webhook_secret_missing',
      `there is nothing in ${from} that proves a webhook of ${rail}`,
      {
        hint: `write [${rail}] ${provider === 'paypal' ? 'webhook_certificate = "FILE"' : 'webhook_secret = "…"'} there`,
      },
    );
  }
  const when = { now: ctx.clock.now(), toleranceSeconds };
  const event = apiRail(rail).readEvent(profile?.profile ?? {}, webhook, delivery, when);
  return await ctx.write(async (tx) => {
    const row = await attemptOf(tx, rail, event);
    if (row !== null) await lockAnswers(tx, row.payoutId);
    const told = (outcome: EventOutcome, becomes: PayoutStatus | null = null, note = ''): IngestedEvent => ({
      ...{ provider, event: event.eventId, type: event.type },
      ...{ payout: row?.number ?? null, partner: row?.partner ?? null, outcome, becomes, note },
    });
    if (await knowsEvent(tx, provider, event.eventId)) return told('known', null, 'it was told before');
    const [now] = row === null ? [] : await attemptRows(tx, { ids: [row.id] });
    const came =
      now === undefined
        ? { outcome: 'unrelated' as const }
        : await settleEvent(ctx, tx, { provider, event, row: now, body: delivery.body, label });
    await insertWebhookEvent(tx, {
      ...{ provider, eventId: event.eventId, type: event.type, outcome: came.outcome },
      ...{ sha256: createHash('sha256').update(delivery.body).digest('hex'), payoutId: row?.payoutId ?? null },
    });
    return told(came.outcome, came.becomes, came.note);
  });
}

interface Told {
  readonly provider: Provider;
  readonly event: ApiEvent;
  readonly row: AttemptRow;
  readonly body: Buffer;
  readonly label: string;
}
interface Came {
  readonly outcome: EventOutcome;
  readonly becomes?: PayoutStatus | null;
  readonly note?: string;
}

async function settleEvent(ctx: Context, tx: Connection, told: Told): Promise<Came> {
  const { event, row } = told;
  const { answer } = event.about!;
  const late = lateOf(row, answer);
  if (late !== null) return late;
  switch (answer.outcome) {
    case 'accepted':
    case 'unknown':
      if (!row.ended && row.status === 'processing') await settleAnswer(ctx, tx, row, answer);
      return { outcome: 'accepted' };
    case 'refused':
      // Of what has left already it is a return.
      if (row.status !== 'processing') return await settleAsReport(ctx, tx, told, 'returned');
      await settleAnswer(ctx, tx, row, answer);
      return { outcome: 'refused', note: `${answer.code}; another attempt follows` };
    case 'failed':
      return await settleAsReport(ctx, tx, told, row.status === 'processing' ? 'rejected' : 'returned');
    case 'returned':
      return await settleAsReport(ctx, tx, told, 'returned');
    case 'unclaimed':
      return await settleAsReport(ctx, tx, told, 'unclaimed');
    case 'paid':
      return await settleAsReport(ctx, tx, told, 'debited');
  }
}

/** What an attempt that has ended may still be told. Null: it has not, or it was paid and this may take it back. */
function lateOf(row: AttemptRow, { outcome }: ApiAnswer): Came | null {
  const isOver = ['completed', 'failed', 'returned', 'cancelled'].includes(row.status);
  if (outcome === 'accepted' || outcome === 'unclaimed') return isOver || row.ended ? { outcome: 'stale' } : null;
  if (!row.ended || row.outcome === 'paid') return null;
  if (outcome === 'paid' && row.outcome !== 'returned') {
    return {
      outcome: 'status_differs',
      note: `attempt ${row.nth} was ${row.outcome}, and the provider says that it was paid`,
    };
  }
  return { outcome: outcome === row.outcome ? 'known' : 'stale' };
}

async function settleAsReport(ctx: Context, tx: Connection, told: Told, kind: ReportedKind): Promise<Came> {
  const { label, body, row } = told;
  const report = await reportOf(ctx, tx, told, kind);
  const { records } = await settleReport(ctx, tx, readingOf(label, body, report));
  const record = records.find(({ payout }) => payout === row.number);
  if (record === undefined || record.outcome === 'skipped') return { outcome: 'unrelated' };
  // By another event of the same thing: providers tell it as often as they like.
  if (record.outcome === 'duplicate') return { outcome: 'known' };
  return { outcome: record.outcome, becomes: record.becomes, note: record.note };
}

/** The event as a report of one payment. */
async function reportOf(
  ctx: Context,
  tx: Connection,
  { provider, event, row }: Told,
  kind: ReportedKind,
): Promise<PaymentReport> {
  const { answer, amount, currency, providerId } = event.about!;
  const [earliest] = await earliestValueDates(tx, [row.payoutId]);
  const happened = businessDate(event.occurredAt, ctx.zone);
  // No two clocks agree, least of all at midnight.
  const date = [happened, earliest ?? happened].reduce((a, b) => (a > b ? a : b));
  return {
    ...{ format: `${provider}-event`, reference: event.eventId, account: null, skipped: [] },
    payments: [
      {
        ...{ kind, amount, currency, ids: [row.number], orders: [], bankReference: providerId },
        date: date > today(ctx) ? today(ctx) : date,
        ...{ payments: 1, corrected: null, name: null, line: 1, column: null, path: null },
        reason: 'message' in answer ? { code: answer.code, text: answer.message } : null,
      },
    ],
  };
}

/** The attempt that an event is about, by its key, or by what the provider calls the payment. */
async function attemptOf(tx: Connection, rail: ApiRailName, { about }: ApiEvent): Promise<AttemptRow | null> {
  if (about === null) return null;
  const [byKey] = about.key === null ? [] : await attemptRows(tx, { key: about.key });
  if (byKey !== undefined) return byKey.rail === rail ? byKey : null;
  const [byName] = about.providerId === null ? [] : await attemptRows(tx, { providerId: about.providerId, rail });
  return byName ?? null;
}

async function bytesOf(source: WebhookSource): Promise<Buffer> {
  if ('file' in source) return await readWhole(source.file, source.label);
  const blocks: Buffer[] = [];
  for await (const block of source.stdin) blocks.push(Buffer.from(block));
  return Buffer.concat(blocks);
}
