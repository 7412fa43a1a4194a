/** Listener fan-out. */
import type { Unsubscribe } from './common-types.js';
import { checkFunction } from './validate.js';

// biome-ignore lint/suspicious/noExplicitAny: what a listener takes depends on its event.
export type Listener = (...values: any[]) => void;

/** Told what a listener threw, and to whom it listened. */
export type Report = (error: unknown, event: string) => void;

/** Throws it where nobody's work is interrupted, so that it shows as uncaught. */
export const rethrow = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Listeners by event. One that throws is reported and harms no other. */
export class Emitter {
  readonly #entries = new Set<[event: string, listener: Listener]>();

  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Adds a listener; the same function twice is two listeners. */
  on(event: string, listener: Listener): Unsubscribe {
    checkFunction(listener, 'listener');
    const entry: [string, Listener] = [event, listener];
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Calls the listeners there are now, except those taken off meanwhile. */
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

  /** Takes all listeners off. */
  clear(): void {
    this.#entries.clear();
  }
}
