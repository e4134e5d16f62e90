/**
 * What a chunk has loaded, and what the chunk before had. While one chunk is being written the next is rated: what the
 * one before left of a sale, a window or an account is carried over from memory, because the database may not show it
 * yet. What neither of the last two chunks touched is forgotten, so that memory does not grow with the run.
 */
export class Generations<Key, Value> {
  #current = new Map<Key, Value>();
  #previous = new Map<Key, Value>();

  /** Turns to a chunk that wants these keys; returns those that nobody has in memory. */
  turn(keys: Iterable<Key>): Key[] {
    const before = this.#current;
    const beforeThat = this.#previous;
    this.#previous = before;
    this.#current = new Map();
    const missing: Key[] = [];
    for (const key of keys) {
      const known = before.get(key) ?? beforeThat.get(key);
      if (known === undefined) {
        missing.push(key);
      } else {
        this.#current.set(key, known);
      }
    }
    return missing;
  }

  get(key: Key): Value | undefined {
    return this.#current.get(key);
  }

  set(key: Key, value: Value): void {
    this.#current.set(key, value);
  }
}
