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
  /** Each listener in an array of its own, since one function may be added twice. */
  readonly #sets = new Map<string, Set<[Listener]>>();

  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Adds a listener. The same function added twice is called twice. */
  on(event: string, listener: Listener): Unsubscribe {
    checkFunction(listener, 'listener');
    const entry: [Listener] = [listener];
    const sets = this.#sets;
    const set = sets.get(event) ?? new Set();
    sets.set(event, set.add(entry));
    return () => {
      set.delete(entry);
      if (!set.size && sets.get(event) === set) sets.delete(event);
    };
  }

  /** Calls the listeners that exist at the start, except those removed meanwhile. */
  emit(event: string, ...values: unknown[]): void {
    const set = this.#sets.get(event);
    if (!set) return;
    for (const entry of [...set]) {
      if (!set.has(entry)) continue;
      try {
        const [call] = entry;
        call(...values);
      } catch (error) {
        this.#report(error, event);
      }
    }
  }

  /** Whether an event has a listener. */
  has(event: string): boolean {
    return this.#sets.has(event);
  }

  /** Removes all listeners. */
  clear(): void {
    for (const set of this.#sets.values()) set.clear();
    this.#sets.clear();
  }
}
