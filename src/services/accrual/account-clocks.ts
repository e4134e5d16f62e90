import { clockLine, clocksOf } from '../../db/queries/account-terms.ts';
import type { AccountClock } from '../../domain/rating/model.ts';
import type { Unit } from '../context.ts';
import { Generations } from './generations.ts';

/** The clocks of the accounts that a chunk touches; null where no paid sale has started one yet. */
export class AccountClocks {
  readonly #clocks = new Generations<number, { clock: AccountClock | null }>();
  readonly #unit: Unit;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  /** Makes `of` answer for these accounts; forgets all but the last two chunks'. */
  async load(accountIds: Iterable<number>): Promise<void> {
    const missing = this.#clocks.turn(accountIds);
    if (missing.length === 0) {
      return;
    }
    // Through the unit: a dry run has written earlier chunks where only its own transaction sees them.
    const found = await this.#unit(async (tx) => await clocksOf(tx, missing));
    const byAccount = new Map(found.map((clock) => [clock.accountId, clock]));
    for (const id of missing) {
      this.#clocks.set(id, { clock: byAccount.get(id) ?? null });
    }
  }

  of(accountId: number): AccountClock | null {
    return this.#clocks.get(accountId)?.clock ?? null;
  }

  /** Starts an account's clock; the line to be written of it. */
  start(clock: AccountClock): string {
    this.#clocks.set(clock.accountId, { clock });
    return clockLine(clock);
  }
}
