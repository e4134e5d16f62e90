import type { Connection } from '../../db/connection.ts';
import { liveRules } from '../../db/queries/rules.ts';
import { inBookOrder, type BookVersion } from '../../domain/book-versions.ts';
import { scopeOf, termsByCode } from '../rule/rule-view.ts';

/** A version of the live book and where it is kept. */
export interface LiveVersion extends BookVersion {
  readonly rule: number;
  readonly version: number;
}

/** The rule book as it is known now, past and future versions too, in the order of the book. Reads only. */
export async function liveBook(tx: Connection): Promise<LiveVersion[]> {
  const rows = await liveRules(tx);
  return inBookOrder(
    rows.map((row) => ({
      rule: row.ruleId,
      version: row.id,
      scope: scopeOf(row),
      product: row.product,
      level: row.level,
      from: row.valid.from,
      to: row.valid.to,
      terms: termsByCode(row),
    })),
  );
}
