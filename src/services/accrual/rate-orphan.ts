import { orphanById } from '../../db/queries/act-subjects.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import type { Connection } from '../../db/connection.ts';
import type { ActLeg } from '../../domain/acts.ts';
import { isDeferred, rateEvent } from '../../domain/rating/rate.ts';
import { ruleBook } from '../../domain/rating/rule-book.ts';
import { EMPTY_WINDOW } from '../../domain/rating/windows.ts';

/**
 * What an orphan posts if its sale never comes: it is rated as one that names none, by the rules as known now. Null where
 * the event is no orphan. Reads only.
 */
export async function rateUnlinkedOrphan(
  tx: Connection,
  eventId: number,
): Promise<{ readonly instanceId: number; readonly legs: readonly ActLeg[] } | null> {
  const event = await orphanById(tx, eventId);
  if (event === null) return null;
  const book = ruleBook(await loadRuleBook(tx, await latestKnownSeq(tx)));
  const decision = rateEvent({ event, sale: null, state: null, book, windows: () => EMPTY_WINDOW, clock: null });
  if (isDeferred(decision)) return null;
  const legs = decision.legs.flatMap(({ leg, partnerId, amount, base, ruleVersionId, ratePpm }): ActLeg[] =>
    partnerId === null
      ? []
      : [
          {
            leg,
            partner_id: partnerId,
            amount_minor: String(amount),
            base_minor: String(base),
            ...(ruleVersionId === null ? {} : { rule_version_id: ruleVersionId }),
            ...(ratePpm === null ? {} : { rate_ppm: ratePpm }),
          },
        ],
  );
  return { instanceId: event.instanceId, legs };
}
