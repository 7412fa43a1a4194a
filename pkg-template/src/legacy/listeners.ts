/** Listeners by event, with the methods of Node's EventEmitter that older classes had. */

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
export class Listeners<Event extends string = string> {
  readonly #entries = new Map<string, Listener[]>();

  /** Listens to an event. */
  on(event: Event, listener: Listener): this {
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), listener]);
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

  /** Removes a listener. */
  off(event: Event, listener: Listener): this {
    const left = [...(this.#entries.get(event) ?? [])];
    const at = left.lastIndexOf(listener);
    if (at >= 0) left.splice(at, 1);
    this.#entries.set(event, left);
    return this;
  }

  /** The same as {@link on}. */
  addListener(event: Event, listener: Listener): this {
    return this.on(event, listener);
  }

  /** The same as {@link off}. */
  removeListener(event: Event, listener: Listener): this {
    return this.off(event, listener);
  }

  /** Removes all listeners of an event, or all. */
  removeAllListeners(event?: Event): this {
    if (event === undefined) this.#entries.clear();
    else this.#entries.delete(event);
    return this;
  }

  /** Returns the number of an event's listeners. */
  listenerCount(event: Event): number {
    return this.#entries.get(event)?.length ?? 0;
  }

  /** Calls the present listeners; returns whether there was one. */
  emit(event: Event, ...values: unknown[]): boolean {
    const listeners = this.#entries.get(event) ?? [];
    for (const listener of listeners) callSafely(listener, ...values);
    return listeners.length > 0;
  }
}
