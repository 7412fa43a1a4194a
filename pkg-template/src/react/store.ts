/** What components read of something that is open while they listen. */
import { haveAlikeMembers } from './deep-equal.js';

/**
 * Opened by the first listener. Once the last one is gone it is closed at the end of the task, so that a
 * component that comes back at once, as in StrictMode, finds it as it was.
 */
export abstract class Store<S extends object> {
  readonly #listeners = new Set<() => void>();
  #life: 'closed' | 'open' = 'closed';
  #shown: S | undefined;

  /** What is shown before it is first opened; also on a server. */
  protected abstract readonly initial: S;
  protected abstract open(): void;
  protected abstract close(): void;

  /** Whether it must stay open without listeners for a while; {@link leave} is called when that has ended. */
  protected isBusy(): boolean {
    return false;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#life === 'closed') {
      this.#life = 'open';
      this.open();
    }
    return () => {
      this.#listeners.delete(listener);
      queueMicrotask(() => this.leave());
    };
  };

  readonly getSnapshot = (): S => this.#shown ?? this.initial;

  readonly getServerSnapshot = (): S => this.initial;

  /** Closes it if nobody needs it. */
  protected leave(): void {
    if (this.#life === 'closed' || this.#listeners.size || this.isBusy()) return;
    this.#life = 'closed';
    this.close();
  }

  /** Shows what changed; if nothing did, the snapshot stays the same object. */
  protected show(changes: Partial<S>): void {
    const before = this.getSnapshot();
    const after = { ...before, ...changes };
    if (haveAlikeMembers(before, after, Object.is)) return;
    this.#shown = after;
    for (const listener of [...this.#listeners]) listener();
  }
}
