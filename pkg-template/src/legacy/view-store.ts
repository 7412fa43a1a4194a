/** The base of the stores whose state components show. */
import type { Unsubscribe } from '../index.js';
import { ListenerList } from './listeners.js';

export function isSameView<V extends object>(a: V, b: V): boolean {
  const names = Object.keys(b) as (keyof V)[];
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}

export const sameOr = <V extends object>(former: V | undefined, now: V): V =>
  former && isSameView(former, now) ? former : now;

/** A store for `useSyncExternalStore`. Its view is the same object until one of its members changes. */
export class ViewStore<V extends object> {
  readonly #listeners = new ListenerList();
  readonly #initial: V;
  #view: V;

  /** @param view the first view, if it differs from that on a server */
  constructor(initial: V, view: V = initial) {
    this.#initial = initial;
    this.#view = view;
  }

  readonly subscribe = (listener: () => void): Unsubscribe => {
    this.opened();
    const remove = this.#listeners.add(listener);
    return () => {
      remove();
      // A component that is mounted again in the same task, as in StrictMode, finds it unchanged.
      queueMicrotask(() => {
        if (!this.#listeners.count) this.closed();
      });
    };
  };

  readonly getSnapshot = (): V => this.#view;

  readonly getServerSnapshot = (): V => this.#initial;

  /** Called before a listener is added. */
  protected opened(): void {}

  /** Called after the last listener was removed. */
  protected closed(): void {}

  /** Merges the changes into the view, and notifies the listeners if it has changed. */
  protected show(changes: Partial<V>): void {
    const next = { ...this.#view, ...changes };
    if (isSameView(this.#view, next)) return;
    this.#view = next;
    this.#listeners.emit();
  }
}
