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
  /** Each listener in an array of its own, since one function may be added twice. The lists are replaced, not changed. */
  readonly #lists = new Map<string, readonly [Listener][]>();

  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Adds a listener. The same function added twice is called twice. */
  on(event: string, listener: Listener): Unsubscribe {
    checkFunction(listener, 'listener');
    const entry: [Listener] = [listener];
    const lists = this.#lists;
    lists.set(event, [...(lists.get(event) ?? []), entry]);
    return () => {
      const others = lists.get(event)?.filter((other) => other !== entry);
      if (others?.length) lists.set(event, others);
      else lists.delete(event);
    };
  }

  /** Calls the listeners that exist at the start, except those removed meanwhile. */
  emit(event: string, ...values: unknown[]): void {
    const list = this.#lists.get(event);
    if (!list) return;
    for (const entry of list) {
      const present = this.#lists.get(event);
      if (present !== list && !present?.includes(entry)) continue;
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
    return this.#lists.has(event);
  }

  /** Removes all listeners. */
  clear(): void {
    this.#lists.clear();
  }
}
