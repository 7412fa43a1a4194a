/** The base of stores for `useSyncExternalStore`. */
import { haveEqualMembers } from './deep-equal.js';

/**
 * A store that is open while it has listeners. When the last one is removed it is closed at the end of the task, so
 * that a component that is mounted again at once, as in StrictMode, finds it unchanged.
 */
export abstract class Store<S extends object> {
  readonly #listeners = new Set<() => void>();
  #life: 'closed' | 'open' = 'closed';
  #shown: S | undefined;

  /** The snapshot before it is first opened; also on a server. */
  protected abstract readonly initial: S;
  protected abstract open(): void;
  protected abstract close(): void;

  /** Whether it must stay open without listeners; the subclass calls {@link leave} when that ends. */
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

  /** Closes it if it has no listeners and is not busy. */
  protected leave(): void {
    if (this.#life === 'closed' || this.#listeners.size || this.isBusy()) return;
    this.#life = 'closed';
    this.close();
  }

  /** Merges the changes into the snapshot and notifies the listeners; does nothing if nothing changed. */
  protected show(changes: Partial<S>): void {
    const before = this.getSnapshot();
    const after = { ...before, ...changes };
    if (haveEqualMembers(before, after, Object.is)) return;
    this.#shown = after;
    for (const listener of [...this.#listeners]) listener();
  }
}
