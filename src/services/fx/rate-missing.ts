import { UnavailableError } from '../../domain/errors.ts';
import type { Deferral } from '../../domain/rating/model.ts';

/** Nothing of the event's chunk was written: a rate that is not there can be brought, and the next run decides it. */
export function rateMissing(eventId: number, { waitsFor: { from, to, on } }: Deferral): UnavailableError {
  return new UnavailableError(
    'fx_rate_missing',
    `event ${eventId} is to be converted, and there is no rate ${from}/${to} on ${on}`,
    {
      hint: `import one with \`revshare fx import\`; \`revshare fx rate ${from} ${to} --on ${on}\` tells what is looked for`,
      details: { event: eventId, base: from, quote: to, on },
    },
  );
}
