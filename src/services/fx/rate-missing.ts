import { UnavailableError } from '../../domain/errors.ts';
import type { WaitsFor } from '../../domain/rating/model.ts';

/** A rate that is not there can be brought; until then nobody can say what the event earns. */
export function rateMissing(eventId: number, { from, to, on }: WaitsFor): UnavailableError {
  return new UnavailableError(
    'fx_rate_missing',
    `event ${eventId} is to be converted, and there is no rate ${from}/${to} on ${on}`,
    {
      hint: `import one with \`revshare fx import\`; \`revshare fx rate ${from} ${to} --on ${on}\` tells what is looked for`,
      details: { event: eventId, base: from, quote: to, on },
    },
  );
}
