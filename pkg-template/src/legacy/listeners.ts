/** Listeners by event, with the methods that older classes had of Node's EventEmitter. */

// biome-ignore lint/suspicious/noExplicitAny: what a listener takes depends on its event.
export type Listener = (...values: any[]) => void;

/** Throws it where nobody's work is interrupted, so that it shows as uncaught. */
export const throwLater = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Tells listeners at once, in the order they came. One that throws harms no other. */
export class Listeners<Event extends string = string> {
  readonly #entries = new Map<string, Listener[]>();

  /** Listens to an event. */
  on(event: Event, listener: Listener): this {
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), listener]);
    return this;
  }

  /** Listens to the next one only. */
  once(event: Event, listener: Listener): this {
    const once: Listener = (...values) => {
      this.off(event, once);
      listener(...values);
    };
    return this.on(event, once);
  }

  /** Takes a listener off. */
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

  /** Takes all listeners of an event off, or all there are. */
  removeAllListeners(event?: Event): this {
    if (event === undefined) this.#entries.clear();
    else this.#entries.delete(event);
    return this;
  }

  /** How many listen to an event. */
  listenerCount(event: Event): number {
    return this.#entries.get(event)?.length ?? 0;
  }

  /** Tells those who listen now; says whether there was one. */
  emit(event: Event, ...values: unknown[]): boolean {
    const listeners = this.#entries.get(event) ?? [];
    for (const listener of listeners) {
      try {
        listener(...values);
      } catch (error) {
        throwLater(error);
      }
    }
    return listeners.length > 0;
  }
}
