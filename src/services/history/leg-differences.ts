import type { StoredLeg } from '../../db/queries/history.ts';
import { formatMinor } from '../../domain/money.ts';
import type { DecidedLeg } from '../../domain/rating/model.ts';

/** A field of an entry that a fresh decision gives another value. */
export interface LegDifference {
  readonly eventId: number;
  readonly leg: number;
  readonly field: string;
  readonly book: string;
  readonly replayed: string;
}

/** Field by field what the book and a fresh decision say otherwise, leg by leg. */
export function differencesOf(
  { id: eventId, currency }: { readonly id: number; readonly currency: string },
  stored: readonly StoredLeg[],
  replayed: readonly DecidedLeg[],
): LegDifference[] {
  const legs = new Set([...stored, ...replayed].map(({ leg }) => leg));
  return [...legs].flatMap((leg) => {
    const book = stored.find((one) => one.leg === leg);
    const again = replayed.find((one) => one.leg === leg);
    if (book === undefined || again === undefined) {
      const said = (one: unknown): string => (one === undefined ? 'no such entry' : 'an entry');
      return [{ eventId, leg, field: 'entry', book: said(book), replayed: said(again) }];
    }
    const money = (minor: bigint, of: string): string => `${formatMinor(minor, of)} ${of}`;
    const paid = book.currency ?? currency;
    const sides: [string, string, string][] = [
      ['amount', money(book.amount, paid), money(again.amount, again.currency)],
      ['full', money(book.full, paid), money(again.full, again.currency)],
      ['base', money(book.base, currency), money(again.base, currency)],
      ['kind', book.kind, again.kind],
      ['reason', book.reason ?? '', again.decisionReason ?? ''],
      ['rule_version', String(book.ruleVersionId ?? ''), String(again.ruleVersionId ?? '')],
      ['rate_ppm', String(book.ratePpm ?? ''), String(again.ratePpm ?? '')],
      ['tier', book.tier ?? '', again.tier ?? ''],
    ];
    return sides
      .filter(([, one, other]) => one !== other)
      .map(([field, one, other]) => ({ eventId, leg, field, book: one, replayed: other }));
  });
}
