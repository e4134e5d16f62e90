import { spanOfChunks, type DecidedSpan } from '../../db/queries/decided-span.ts';
import type { DecidedRange } from '../../db/queries/decision-chunks.ts';
import type { Unit } from '../context.ts';
import { doctorForChunks } from '../doctor/run-doctor.ts';

/** Events of a piece: its checks are planned anew for each, which costs as much as to check a thousand of them. */
const PIECE_EVENTS = 64_000;

/**
 * The doctor's checks of what a run decides (SEMANTICS §10), piece by piece while it goes on deciding: what has committed
 * can change no more, so a connection of its own sees what the posting will. A sale to which a later piece adds is checked
 * with that one again. Reads only.
 */
export class Examination {
  readonly #unit: Unit;
  readonly #pieceEvents: number;
  /** The chunks that were examined, or are being so. */
  #examined: { readonly from: number; to: number } | null = null;
  #piece: { from: number; to: number; events: number; first: number; last: number } | null = null;
  #work: Promise<void> = Promise.resolve();
  #scattered = false;

  /** @param unit each call has a transaction and, but on a dry run, a connection of its own */
  constructor(unit: Unit, pieceEvents = PIECE_EVENTS) {
    this.#unit = unit;
    this.#pieceEvents = pieceEvents;
  }

  /** A chunk of this run has committed; chunks come in the order of their ids. */
  add(chunk: number, ranges: readonly DecidedRange[]): void {
    if (this.#scattered || ranges.length === 0) return;
    // From where the last piece ended: in between may lie chunks of what had waited, which have no ranges.
    const from = this.#examined === null ? chunk : this.#examined.to + 1;
    const piece = this.#piece ?? { from, to: chunk, events: 0, first: Infinity, last: 0 };
    for (const { firstId, lastId } of ranges) {
      piece.events += lastId - firstId + 1;
      piece.first = Math.min(piece.first, firstId);
      piece.last = Math.max(piece.last, lastId);
    }
    piece.to = chunk;
    this.#piece = piece;
    if (piece.events < this.#pieceEvents) return;
    this.#piece = null;
    // What lies wide apart, as of many files of one month, would be read over and over again: better once, at the end.
    this.#scattered = piece.last - piece.first > 2 * piece.events;
    if (this.#scattered) return;
    this.#examined = { from: this.#examined?.from ?? piece.from, to: piece.to };
    this.#work = this.#work.then(async () => {
      await this.#examine(piece.from, piece.to);
    });
    this.#work.catch(() => {}); // told at the end, where nothing has been posted yet
  }

  /** Examines what is left of a posting's chunks. Throws IntegrityError `books_differ` for any piece. */
  async finish({ chunkFrom, chunkTo }: Pick<DecidedSpan, 'chunkFrom' | 'chunkTo'>): Promise<void> {
    await this.#work;
    const done = this.#examined;
    if (done === null) {
      await this.#examine(chunkFrom, chunkTo);
      return;
    }
    if (chunkFrom < done.from) await this.#examine(chunkFrom, done.from - 1);
    if (done.to < chunkTo) await this.#examine(done.to + 1, chunkTo);
  }

  /** Waits until nothing is being read, whatever came of it. */
  async settle(): Promise<void> {
    await this.#work.catch(() => {});
  }

  async #examine(from: number, to: number): Promise<void> {
    await this.#unit(async (tx) => {
      await doctorForChunks(tx, await spanOfChunks(tx, from, to));
    });
  }
}
