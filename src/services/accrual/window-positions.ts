import { moveLine, positionsOf, type WindowPosition } from '../../db/queries/windows.ts';
import type { WindowKey, WindowMove } from '../../domain/rating/model.ts';
import { EMPTY_WINDOW } from '../../domain/rating/windows.ts';
import type { Unit } from '../context.ts';
import { Generations } from './generations.ts';

const UNMOVED: WindowPosition = Object.freeze({ ...EMPTY_WINDOW, ordinal: 0 });

/** Where the windows that a chunk may ask about stand, move after move. */
export class WindowPositions {
  readonly #positions = new Generations<string, WindowPosition>();
  readonly #unit: Unit;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  /** Makes `at` answer for these windows; forgets all but the last two chunks'. */
  async load(keys: readonly WindowKey[]): Promise<void> {
    const byName = new Map(keys.map((key) => [nameOf(key), key]));
    const missing = this.#positions.turn(byName.keys());
    if (missing.length === 0) {
      return;
    }
    // Through the unit: a dry run has written earlier chunks where only its own transaction sees them.
    const found = await this.#unit(
      async (tx) =>
        await positionsOf(
          tx,
          missing.map((name) => byName.get(name)!),
        ),
    );
    missing.forEach((name, index) => this.#positions.set(name, found[index] ?? UNMOVED));
  }

  /** What a window holds at this point of the run. */
  readonly at = (key: WindowKey): WindowPosition => {
    const found = this.#positions.get(nameOf(key));
    if (found === undefined) {
      throw new Error(`window ${nameOf(key)} was not loaded`);
    }
    return found;
  };

  /** Moves a window on; the line to be written of it. */
  move(eventId: number, move: WindowMove): string {
    const before = this.at(move.key);
    const after = { base: before.base + move.base, full: before.full + move.full, ordinal: before.ordinal + 1 };
    this.#positions.set(nameOf(move.key), after);
    return moveLine(eventId, move, after);
  }
}

function nameOf({ ruleId, ownerId, currency, startsOn }: WindowKey): string {
  return `${ruleId} ${ownerId} ${currency} ${startsOn}`;
}
