/** The clock that all hooks and components of a page use. */
import { useSyncExternalStore } from 'react';

/** The interval of its ticks. */
const TICK_MS = 1_000;

/** Ticks every second while it has listeners and the page is visible. Its time is constant between two ticks. */
export class Clock {
  readonly #listeners = new Set<() => void>();
  #interval: ReturnType<typeof setInterval> | undefined;
  #now = 0;

  /** Listens to its ticks. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (!this.#listeners.size) {
      document.addEventListener('visibilitychange', this.#follow);
      this.#follow();
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size) return;
      document.removeEventListener('visibilitychange', this.#follow);
      this.#stop();
    };
  };

  /** Milliseconds since 1970, as of the last tick. */
  readonly getNow = (): number => {
    // While it does not tick, the time must be recent, and yet constant during a render.
    if (this.#interval === undefined && Date.now() - this.#now >= TICK_MS) this.#now = Date.now();
    return this.#now;
  };

  readonly #follow = (): void => {
    this.#stop();
    if (document.hidden) return;
    this.#interval = setInterval(this.#tick, TICK_MS);
    this.#tick();
  };

  readonly #tick = (): void => {
    this.#now = Date.now();
    for (const listener of [...this.#listeners]) listener();
  };

  #stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
  }
}

/** The page's clock, which `useNow`, `useMetrics` and the components share. */
export const clock: Clock = /* @__PURE__ */ new Clock();

const subscribeToNothing = () => () => {};

/**
 * Returns the time, updated with every tick; `null` on a server and during hydration.
 *
 * @param isRunning whether to update it; a duration that has ended needs no updates
 */
export function useNow(isRunning = true): number | null {
  return useSyncExternalStore<number | null>(
    isRunning ? clock.subscribe : subscribeToNothing,
    clock.getNow,
    () => null,
  );
}
