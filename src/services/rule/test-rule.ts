import { UsageError } from '../../domain/errors.ts';
import { didYouMean } from '../../domain/near-names.ts';
import { EVENT_FIELDS } from '../../formats/mapping.ts';
import { explainCommission, type Explanation } from '../commission/explain-commission.ts';
import type { Context } from '../context.ts';
import { rolledBack } from '../mutation.ts';
import { recordRevenue, type RecordRequest } from '../revenue/record-revenue.ts';
import { today } from '../today.ts';

/** Nobody's events: an id of a real source never stands in the way. */
const SOURCE = 'rule-test';

/**
 * What the rules of now would decide about an event, told as `commission explain` tells it: the event is recorded with
 * the checks of an import, rated where windows, clocks and its sale stand now, and rolled back. Writes nothing.
 * @param json an object of event fields; a payment of today where it does not say otherwise
 * Throws UsageError `event_not_json`, `event_field_unknown`, and as `recordRevenue` does.
 */
export async function testRule(ctx: Context, json: string): Promise<Explanation> {
  const fields = { external_id: 'event', kind: 'payment', occurred_at: today(ctx), ...readEvent(json) };
  return await rolledBack(ctx, async (inside) => {
    const { id } = await recordRevenue(inside, { source: SOURCE, fields });
    return await explainCommission(inside, String(id));
  });
}

function readEvent(json: string): RecordRequest['fields'] {
  const example = `write it as '{"instance":"acme-shop","net":"100.00","currency":"EUR"}'`;
  let event: unknown;
  try {
    event = JSON.parse(json);
  } catch {
    throw new UsageError('event_not_json', 'the event is not JSON', { hint: example });
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new UsageError('event_not_json', 'the event is no object of fields', { hint: example });
  }
  for (const [field, value] of Object.entries(event)) {
    if (!(EVENT_FIELDS as readonly string[]).includes(field)) {
      throw new UsageError('event_field_unknown', `an event has no field '${field}'`, {
        hint: didYouMean(field, EVENT_FIELDS) ?? `it has ${EVENT_FIELDS.join(', ')}`,
      });
    }
    if (typeof value !== 'string') {
      throw new UsageError('event_field_invalid', `${field} must be a text`, {
        hint: `write it in quotes, amounts too: "${field}":"${String(value)}"`,
      });
    }
  }
  return event as RecordRequest['fields'];
}
