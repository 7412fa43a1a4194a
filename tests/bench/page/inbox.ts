/** Counts the messages that a client delivers, and detects those that are missing, repeated or out of order. */
import type { Payload } from '../libraries/library.js';

export class Inbox {
  /** Messages received so far; the next one must have this number. */
  received = 0;
  #misplaced = 0;
  #target = 0;
  #reached: (() => void) | undefined;

  readonly receive = ({ n }: Payload): void => {
    if (n !== this.received) this.#misplaced++;
    if (++this.received === this.#target) this.#reached?.();
  };

  /** Delivers so many messages, and resolves with the callback of the last one. */
  async expect(count: number, deliver: () => void): Promise<void> {
    this.#target = this.received + count;
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve;
    });
    deliver();
    await reached;
    if (this.#misplaced) throw Error(`${this.#misplaced} messages were missing or out of order.`);
  }
}
