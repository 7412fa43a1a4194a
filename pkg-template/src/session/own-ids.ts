/** The ids of the messages that a client has sent: those that are not settled, and as many others as the engine knows. */
import { MAX_OWN_IDS } from '../generated/engine.js';

/** How many of the oldest ids are examined when one is added: more than one, so that the set shrinks again. */
const EXAMINED = 2;

export class OwnIds {
  /** The numbers of the sends by id, the oldest first. */
  readonly #ids = new Map<string, number>();
  readonly #isPending: (send: number) => boolean;

  constructor(isPending: (send: number) => boolean) {
    this.#isPending = isPending;
  }

  add(id: string, send: number): void {
    const ids = this.#ids;
    ids.set(id, send);
    for (let examined = 0; examined < EXAMINED && ids.size > MAX_OWN_IDS; examined++) {
      for (const [oldest, of] of ids) {
        ids.delete(oldest);
        if (this.#isPending(of)) ids.set(oldest, of);
        break;
      }
    }
  }

  has(id: string): boolean {
    return this.#ids.size > 0 && this.#ids.has(id);
  }
}
