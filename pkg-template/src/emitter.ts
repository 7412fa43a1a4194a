/** Listeners by event. */
import type { Unsubscribe } from './common-types.js';
import { checkFunction } from './validate.js';

// biome-ignore lint/suspicious/noExplicitAny: what a listener takes depends on its event.
export type Listener = (...values: any[]) => void;

/** Called with the error that a listener threw, and the listener's event. */
export type Report = (error: unknown, event: string) => void;

/** Throws an error in a microtask of its own, so that it is reported as uncaught and interrupts nothing. */
export const rethrow = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Listeners by event. An error that one throws is reported and does not affect the others. */
export class Emitter {
  readonly #entries = new Set<[event: string, listener: Listener]>();

  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Adds a listener. The same function added twice is called twice. */
  on(event: string, listener: Listener): Unsubscribe {
    checkFunction(listener, 'listener');
    const entry: [string, Listener] = [event, listener];
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Calls the listeners that exist at the start, except those removed meanwhile. */
  emit(event: string, ...values: unknown[]): void {
    for (const entry of [...this.#entries]) {
      if (entry[0] !== event || !this.#entries.has(entry)) continue;
      try {
        entry[1](...values);
      } catch (error) {
        this.#report(error, event);
      }
    }
  }

  /** Whether an event has a listener. */
  has(event: string): boolean {
    return [...this.#entries].some(([name]) => name === event);
  }

  /** Removes all listeners. */
  clear(): void {
    this.#entries.clear();
  }
}
