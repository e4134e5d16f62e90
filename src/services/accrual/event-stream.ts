import {
  pagesOfEvents,
  type EventReads,
  type UndecidedBatch,
  type UndecidedEvent,
} from '../../db/queries/decisions.ts';
import type { Connection } from '../../db/connection.ts';
import { keepHeapSteady } from '../steady-heap.ts';

interface OpenBatch {
  readonly id: number;
  readonly lastId: number;
  /** The last id that was read, not the last one handed out. */
  after: number;
  page: UndecidedEvent[];
  next: number;
  /** Whether anything due may follow the page. */
  more: boolean;
}

/** The least that is worth a query of its own. */
const SMALLEST_PAGE = 250;

/**
 * Undecided events in the one order of decisions, (occurred_on, id), over all batches: a merge of streams that are each
 * in order already. A batch is opened only when the merge reaches its first date, so a year of daily files never has
 * more than a few open, and each page is read once.
 */
export class EventStream {
  readonly #waiting: UndecidedBatch[];
  readonly #open: OpenBatch[] = [];
  readonly #connection: Connection;
  readonly #until: string;
  readonly #reads: EventReads;
  readonly #ahead: number;
  readonly #smallestPage: number;

  /**
   * @param batches in order of `notBefore`, as undecidedBatches() returns them
   * @param ahead how many rows a round of reading brings, shared out over the batches that are open
   */
  constructor(
    connection: Connection,
    batches: readonly UndecidedBatch[],
    until: string,
    reads: EventReads,
    ahead: number,
  ) {
    keepHeapSteady();
    this.#connection = connection;
    this.#reads = reads;
    this.#ahead = ahead;
    this.#smallestPage = Math.min(SMALLEST_PAGE, ahead);
    this.#waiting = [...batches].reverse();
    this.#until = until;
  }

  /** Up to `limit` events; fewer only at the end. */
  async take(limit: number): Promise<UndecidedEvent[]> {
    const taken: UndecidedEvent[] = [];
    while (taken.length < limit) {
      await this.#refill();
      const first = this.#earliest();
      if (first === null) {
        break;
      }
      // Everything in this batch before the head of every other one can be taken without comparing again.
      const bound = this.#boundFor(first);
      while (taken.length < limit && first.next < first.page.length) {
        const event = first.page[first.next]!;
        if (bound !== null && !precedes(event, bound)) {
          break;
        }
        taken.push(event);
        first.next += 1;
      }
      if (first.next >= first.page.length && !first.more) {
        this.#close(first);
      }
    }
    return taken;
  }

  #earliest(): OpenBatch | null {
    let best: OpenBatch | null = null;
    for (const batch of this.#open) {
      if (best === null || precedes(batch.page[batch.next]!, best.page[best.next]!)) {
        best = batch;
      }
    }
    return best;
  }

  /** The event before which `batch` may be drained: the earliest head elsewhere, or the date at which another opens. */
  #boundFor(batch: OpenBatch): { occurredOn: string; id: number } | null {
    let bound: { occurredOn: string; id: number } | null = null;
    for (const other of this.#open) {
      if (other !== batch) {
        const head = other.page[other.next]!;
        if (bound === null || precedes(head, bound)) {
          bound = head;
        }
      }
    }
    const waiting = this.#waiting.at(-1);
    if (waiting !== undefined) {
      const opens = { occurredOn: waiting.notBefore, id: 0 };
      if (bound === null || precedes(opens, bound)) {
        bound = opens;
      }
    }
    return bound;
  }

  /** Gives every open batch a head, and opens those whose first date the merge has reached. */
  async #refill(): Promise<void> {
    for (;;) {
      const frontier = this.#frontier();
      const wanting = this.#open.filter((batch) => batch.next >= batch.page.length);
      this.#openDue(frontier, wanting);
      if (wanting.length === 0) {
        return;
      }
      const size = Math.max(this.#smallestPage, Math.floor(this.#ahead / this.#open.length));
      const pages = await pagesOfEvents(this.#connection, wanting, this.#until, size, this.#reads);
      for (const batch of wanting) {
        batch.page = pages.get(batch.id) ?? [];
        batch.next = 0;
        batch.after = batch.page.at(-1)?.id ?? batch.after;
        batch.more = batch.page.length === size && batch.after < batch.lastId;
        if (batch.page.length === 0) {
          this.#close(batch);
        }
      }
    }
  }

  /** Moves waiting batches to the open ones and to `wanting`, which get their first page next. */
  #openDue(frontier: string | null, wanting: OpenBatch[]): void {
    let early = 0;
    for (let next = this.#waiting.at(-1); next !== undefined; next = this.#waiting.at(-1)) {
      const due = frontier === null ? wanting.length === 0 : next.notBefore <= frontier;
      const events = next.lastId - next.decidedTo;
      // When something is read anyhow, small ones come along: a thousand files of one event are not a thousand questions.
      const alongside = wanting.length > 0 && early + events <= this.#smallestPage;
      if (!(due || alongside) || wanting.length >= this.#ahead) {
        return;
      }
      early += due ? 0 : events;
      this.#waiting.pop();
      const { id, decidedTo, lastId } = next;
      const batch: OpenBatch = { id, lastId, after: decidedTo, page: [], next: 0, more: true };
      this.#open.push(batch);
      wanting.push(batch);
    }
  }

  #close(batch: OpenBatch): void {
    this.#open.splice(this.#open.indexOf(batch), 1);
  }

  #frontier(): string | null {
    let frontier: string | null = null;
    for (const batch of this.#open) {
      const head = batch.page[batch.next];
      if (head !== undefined && (frontier === null || head.occurredOn < frontier)) {
        frontier = head.occurredOn;
      }
    }
    return frontier;
  }
}

function precedes(a: { occurredOn: string; id: number }, b: { occurredOn: string; id: number }): boolean {
  return a.occurredOn < b.occurredOn || (a.occurredOn === b.occurredOn && a.id < b.id);
}
