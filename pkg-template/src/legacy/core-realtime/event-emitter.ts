/** An event emitter that calls its listeners in microtasks. */
import type { Unsubscribe } from '../../index.js';

// biome-ignore lint/suspicious/noExplicitAny: what a listener takes depends on its event.
export type EventListener = (...values: any[]) => void;

/**
 * Listeners by event. Each is called in a microtask of its own, so that one that
 * throws does not affect the others.
 *
 * @deprecated Use `client.on`, `channel.on` or the listeners of a collection of `tidewire`.
 */
export class EventEmitter {
  readonly #listeners = new Map<string, Set<EventListener>>();

  /** Adds a listener; returns the function that removes it. */
  on(event: string, listener: EventListener): Unsubscribe {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => this.off(event, listener);
  }

  off(event: string, listener: EventListener): void {
    const listeners = this.#listeners.get(event);
    if (listeners?.delete(listener) && !listeners.size) this.#listeners.delete(event);
  }

  /** Calls the current listeners, in microtasks. */
  emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      queueMicrotask(() => {
        try {
          listener(...values);
        } catch (error) {
          console.error(`A listener of ${event} threw:`, error);
        }
      });
    }
  }

  /** Removes all listeners of one event or of all. */
  removeAllListeners(event?: string): void {
    if (event === undefined) this.#listeners.clear();
    else this.#listeners.delete(event);
  }

  listenerCount(event: string): number {
    return this.#listeners.get(event)?.size ?? 0;
  }

  eventNames(): string[] {
    return [...this.#listeners.keys()];
  }
}
