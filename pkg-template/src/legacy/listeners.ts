/** Lists of listeners, for one event or for several by name. */
import type { Unsubscribe } from '../index.js';

// biome-ignore lint/suspicious/noExplicitAny: what a listener takes depends on its event.
export type Listener = (...values: any[]) => void;

/** Throws an error in a microtask of its own, so that it is reported as uncaught and interrupts nothing. */
export const throwLater = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Calls an app's function, if there is one; an error it throws is reported as uncaught and interrupts nothing. */
export function callSafely<Values extends unknown[]>(
  callback: ((...values: Values) => void) | null | undefined,
  ...values: Values
): void {
  try {
    callback?.(...values);
  } catch (error) {
    throwLater(error);
  }
}

/** Calls listeners synchronously, in the order they were added. One that throws does not affect the others. */
export class ListenerList<Values extends unknown[] = []> {
  #listeners: readonly ((...values: Values) => void)[] = [];

  get count(): number {
    return this.#listeners.length;
  }

  /** Adds a listener; returns the function that removes it. */
  add(listener: (...values: Values) => void): Unsubscribe {
    this.#listeners = [...this.#listeners, listener];
    return () => this.remove(listener);
  }

  remove(listener: (...values: Values) => void): void {
    const last = this.#listeners.lastIndexOf(listener);
    this.#listeners = this.#listeners.filter((_, at) => at !== last);
  }

  emit(...values: Values): void {
    for (const listener of this.#listeners) callSafely(listener, ...values);
  }
}

/** Listeners by event, with the methods of Node's EventEmitter that legacy classes had. */
export class Listeners<Event extends string = string> {
  readonly #lists = new Map<string, ListenerList<unknown[]>>();

  on(event: Event, listener: Listener): this {
    this.#of(event).add(listener);
    return this;
  }

  /** Listens to the next event only. */
  once(event: Event, listener: Listener): this {
    const once: Listener = (...values) => {
      this.off(event, once);
      listener(...values);
    };
    return this.on(event, once);
  }

  off(event: Event, listener: Listener): this {
    this.#of(event).remove(listener);
    return this;
  }

  /** An alias of {@link on}. */
  addListener(event: Event, listener: Listener): this {
    return this.on(event, listener);
  }

  /** An alias of {@link off}. */
  removeListener(event: Event, listener: Listener): this {
    return this.off(event, listener);
  }

  /** Removes all listeners of an event, or all. */
  removeAllListeners(event?: Event): this {
    if (event === undefined) this.#lists.clear();
    else this.#lists.delete(event);
    return this;
  }

  listenerCount(event: Event): number {
    return this.#of(event).count;
  }

  /** Calls the current listeners; returns whether there was one. */
  emit(event: Event, ...values: unknown[]): boolean {
    const list = this.#of(event);
    const { count } = list;
    list.emit(...values);
    return count > 0;
  }

  #of(event: Event): ListenerList<unknown[]> {
    const list = this.#lists.get(event) ?? new ListenerList();
    this.#lists.set(event, list);
    return list;
  }
}
