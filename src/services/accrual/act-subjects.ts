import {
  awaitedSubjects,
  countriesOfSales,
  givenLegs,
  subjectsOf,
  type Subject,
} from '../../db/queries/act-subjects.ts';
import { decidedOfEvents, type UndecidedEvent } from '../../db/queries/decisions.ts';
import { foldSale, type DecidedOfSale } from '../../domain/rating/fold.ts';
import { isAct, isRatingAgain, ownSale, regardedEvent, type Regarded } from '../../domain/rating/act.ts';
import type { DecidedLeg, GivenLeg, RatedEvent, SaleState } from '../../domain/rating/model.ts';
import { accumulate, stateOf, UNTOUCHED } from '../../domain/rating/sale.ts';
import type { Unit } from '../context.ts';
import { Generations } from './generations.ts';
import type { SaleInProgress } from './sale-states.ts';

/** What an act is about, and what it says itself. */
export interface ActInProgress {
  readonly regards: Regarded | null;
  readonly given: readonly GivenLeg[];
  /** Where the state after the act belongs: the sale, or the event that has none; null for an act that leaves none. */
  readonly subject: { state: SaleState | null } | null;
}

interface EventInProgress {
  state: SaleState | null;
}

/** The acts that bring their legs along; an adjustment does where an operator made it, and has no sale then. */
const GIVING: ReadonlySet<string> = new Set(['bonus', 'write_off', 'opening', 'true_up', 'adjustment']);

/**
 * What the acts of a chunk are about, as the decided events left it. Costs a chunk without acts nothing: a sale's own
 * events are told from acts by their kinds.
 */
export class ActSubjects {
  readonly #unit: Unit;
  #given = new Map<number, GivenLeg[]>();
  #subjects = new Map<number, Subject>();
  /** Of the sales that are rated again. */
  #countries: ReadonlyMap<number, string | null> = new Map();
  readonly #states = new Generations<number, EventInProgress>();
  /** Events that an act of this run waits for, and their states once this run has decided them: nobody else knows those yet. */
  #awaited: ReadonlySet<number> | null = null;
  readonly #decided = new Map<number, EventInProgress>();

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  async load(events: readonly UndecidedEvent[]): Promise<void> {
    this.#awaited ??= new Set(await this.#unit(awaitedSubjects));
    const giving = events.filter(givesItself).map(({ id }) => id);
    const about = events.filter(({ kind }) => isAct(kind) && !GIVING.has(kind)).map(({ id }) => id);
    this.#given = new Map();
    this.#subjects = new Map();
    this.#countries = new Map();
    if (giving.length > 0) {
      for (const leg of await this.#unit(async (tx) => await givenLegs(tx, giving))) {
        this.#given.set(leg.eventId, [...(this.#given.get(leg.eventId) ?? []), leg]);
      }
    }
    if (about.length === 0) return;
    for (const subject of await this.#unit(async (tx) => await subjectsOf(tx, about))) {
      this.#subjects.set(subject.actId, subject);
    }
    const again = events.filter(({ kind, saleId }) => saleId !== null && isRatingAgain(kind));
    if (again.length > 0) {
      const sales = again.map(({ saleId }) => saleId!);
      this.#countries = await this.#unit(async (tx) => await countriesOfSales(tx, sales));
    }
    const saleless = [...this.#subjects.values()].filter(({ saleId }) => saleId === null);
    const missing = this.#states.turn(saleless.map(({ event }) => event.id));
    if (missing.length === 0) return;
    const decided = new Map<number, DecidedOfSale[]>(missing.map((id) => [id, []]));
    for (const leg of await this.#unit(async (tx) => await decidedOfEvents(tx, missing))) {
      decided.get(leg.saleId)!.push(leg);
    }
    for (const { event } of saleless) {
      const legs = decided.get(event.id);
      if (legs !== undefined) this.#states.set(event.id, { state: foldSale(ownSale(event), legs) });
    }
  }

  /** Notes what was decided of an event without a sale, if an act waits for it. */
  note(event: RatedEvent, legs: readonly DecidedLeg[]): void {
    if (this.#awaited?.has(event.id) !== true) return;
    const shares = legs.map((frozen) => ({ frozen, posted: frozen.amount }));
    this.#decided.set(event.id, { state: stateOf(accumulate(UNTOUCHED, event), shares) });
  }

  /** The event without a sale that an act is about, or null. */
  subjectId(act: UndecidedEvent): number | null {
    return this.#subjects.get(act.id)?.event.id ?? null;
  }

  /** What the event is as an act, or null for one that billing reported. */
  of(event: UndecidedEvent, sale: SaleInProgress | null): ActInProgress | null {
    const given = this.#given.get(event.id);
    if (given !== undefined) {
      if (sale === null) return { regards: null, given, subject: null };
      const regards = { event, sale: sale.sale, state: UNTOUCHED, country: null };
      return { regards, given, subject: sale };
    }
    if (!isAct(event.kind)) return null;
    const subject = this.#subjects.get(event.id);
    if (sale !== null) {
      const regards = {
        event: subject?.event ?? null,
        sale: sale.sale,
        state: sale.state ?? UNTOUCHED,
        country: this.#countries.get(sale.sale.id) ?? null,
      };
      return { regards, given: [], subject: sale };
    }
    if (subject === undefined) throw new Error(`act ${event.id} is about nothing`);
    const progress = this.#decided.get(subject.event.id) ?? this.#states.get(subject.event.id)!;
    return { regards: regardedEvent(subject, progress.state ?? UNTOUCHED), given: [], subject: progress };
  }
}

/** Whether an event brings its legs along: of a sale only its opening does. */
function givesItself({ kind, saleId }: UndecidedEvent): boolean {
  return GIVING.has(kind) && (saleId === null || isOpening(kind));
}

function isOpening(kind: string): boolean {
  return kind === 'opening';
}
