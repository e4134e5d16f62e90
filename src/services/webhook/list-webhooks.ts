import { webhookEventRows, type WebhookEvent } from '../../db/queries/attempts.ts';
import type { Provider } from '../../domain/rail-names.ts';
import type { Context } from '../context.ts';

export type { WebhookEvent } from '../../db/queries/attempts.ts';

/** What providers told by webhooks, the latest first. Reads only. */
export async function listWebhookEvents(
  ctx: Context,
  filter: { readonly provider: Provider | undefined; readonly limit: number; readonly offset: number },
): Promise<WebhookEvent[]> {
  return await webhookEventRows(ctx.db, filter);
}
