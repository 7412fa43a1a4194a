/** Promises that know whether the app waits for them. */
import type { RealtimeError } from './errors.js';

/** A promise that knows whether anybody waits for it. */
export class Outcome<T> extends Promise<T> {
  /** Whether `then`, and with it `await` or `catch`, was used. */
  declare isObserved: boolean;

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isObserved = true;
    return super.then(fulfilled, rejected);
  }
}

/** One with what settles it. Without a handler its failure is no unhandled rejection, and not observed. */
export function outcome<T>(): [Outcome<T>, settle: (end: T | RealtimeError) => void] {
  let settle!: (end: T | RealtimeError) => void;
  const promise = new Outcome<T>((resolve, reject) => {
    settle = (end) => (end instanceof Error ? reject(end) : resolve(end));
  });
  promise.catch(() => {});
  promise.isObserved = false;
  return [promise, settle];
}
