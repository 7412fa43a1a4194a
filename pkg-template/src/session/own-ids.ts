/** The ids of the messages that a client has sent: at least those that the engine knows, and those that are not settled. */
import { MAX_OWN_IDS } from '../generated/engine.js';

/** The numbers of sends by id. */
type Ids = ReadonlyMap<string, number>;

export class OwnIds {
  #latest = new Map<string, number>();
  /** Those before the latest: each one is known until as many others as the engine knows were added. */
  #former: Ids = new Map();
  /** How many of the latest were added since there are former ones. */
  #added = 0;
  readonly #isPending: (send: number) => boolean;

  constructor(isPending: (send: number) => boolean) {
    this.#isPending = isPending;
  }

  add(id: string, send: number): void {
    if (this.#added === MAX_OWN_IDS) {
      // The engine may get to know them later: a collection sends its changes one after the other.
      const pending = [...this.#former].filter(([, of]) => this.#isPending(of));
      this.#former = this.#latest;
      this.#latest = new Map(pending);
      this.#added = 0;
    }
    this.#added++;
    this.#latest.set(id, send);
  }

  has(id: string): boolean {
    return isIn(this.#latest, id) || isIn(this.#former, id);
  }
}

/** Without a look-up in an empty map, which is the most frequent case. */
const isIn = (ids: Ids, id: string): boolean => ids.size > 0 && ids.has(id);
