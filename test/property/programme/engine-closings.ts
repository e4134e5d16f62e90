import type { ActEvent, DecidedLeg, Decision, WindowKey } from '../../../src/domain/rating/model.ts';
import { trueUp, type WindowPiece } from '../../../src/domain/rating/true-up.ts';
import type { RatingWalk } from '../../support/rating-walk.ts';
import { windowAround } from './arithmetic.ts';
import { lastVersion } from './true-up.ts';
import type { Closing, Programme } from './words.ts';

/** What the engine's decisions moved in windows, kept as the job that closes them finds it: piece by piece. */
export class MovedWindows {
  readonly #moves: (WindowPiece & { readonly key: WindowKey })[] = [];

  add({ legs, moves }: Decision, instanceId: number): void {
    for (const { key, leg, base, full } of moves) {
      const partnerId = legs.find((one) => one.leg === leg)!.partnerId!;
      this.#moves.push({ key, partnerId, instanceId, base, posted: full });
    }
  }

  /** Trues up, by the engine, every window under whole brackets that has ended by the day of the step. */
  close(programme: Programme, walk: RatingWalk, step: Closing): DecidedLeg[] {
    const keys = new Map(this.#moves.map(({ key }) => [textOf(key), key]));
    return [...keys.values()].flatMap((key) => {
      const whole = programme.rules.find(({ rule, mode }) => rule === key.ruleId && mode === 'whole');
      if (whole === undefined) return [];
      const [, lastDay] = windowAround(key.startsOn, whole.window!.kind);
      const version = lastVersion(programme, { rule: key.ruleId, currency: key.currency, lastDay }, step.stage);
      if (lastDay! > step.on || version === null) return [];
      return trueUp(version.brackets!, this.#piecesOf(key))
        .pieces.filter(({ amount }) => amount !== 0n)
        .map(({ partnerId, instanceId, base, amount }) => {
          const { currency } = key;
          const act: ActEvent = { id: step.id, kind: 'true_up', instanceId, currency, occurredOn: step.on };
          const given = { leg: 0, partnerId, amount, base, ruleVersionId: version.version, ratePpm: null };
          this.#moves.push({ key, partnerId, instanceId, base: 0n, posted: amount });
          return walk.act(act, null, [given]).legs[0]!;
        });
    });
  }

  #piecesOf(key: WindowKey): WindowPiece[] {
    const pieces = new Map<string, WindowPiece>();
    for (const { partnerId, instanceId, base, posted } of this.#moves.filter(
      (one) => textOf(one.key) === textOf(key),
    )) {
      const before = pieces.get(`${partnerId} ${instanceId}`) ?? { partnerId, instanceId, base: 0n, posted: 0n };
      const piece = { ...before, base: before.base + base, posted: before.posted + posted };
      pieces.set(`${partnerId} ${instanceId}`, piece);
    }
    return [...pieces.values()];
  }
}

function textOf({ ruleId, ownerId, currency, startsOn }: WindowKey): string {
  return `${ruleId} ${ownerId} ${currency} ${startsOn}`;
}
