/** The ids of the messages that a client has sent: those that are not settled, and at least as many others as the engine knows. */
import { MAX_OWN_IDS } from '../generated/engine.js';

export class OwnIds {
  /** The numbers of the sends by id: the latest ones, and those before them. */
  #latest = new Map<string, number>();
  #former = new Map<string, number>();
  readonly #isPending: (send: number) => boolean;

  constructor(isPending: (send: number) => boolean) {
    this.#isPending = isPending;
  }

  add(id: string, send: number): void {
    if (this.#latest.size >= MAX_OWN_IDS) this.#forget();
    this.#latest.set(id, send);
  }

  has(id: string): boolean {
    return this.#latest.has(id) || this.#former.has(id);
  }

  /** Forgets the former ids whose sends are settled. */
  #forget(): void {
    const pending = [...this.#former].filter(([, send]) => this.#isPending(send));
    this.#former = new Map([...pending, ...this.#latest]);
    this.#latest = new Map();
  }
}
