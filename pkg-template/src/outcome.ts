/** Promises that record whether the app handles them. */
import type { RealtimeError } from './errors.js';

/** A promise that records whether the app handles it. */
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

/** Returns a promise and the function that settles it. A failure without a handler is not an unhandled rejection. */
export function outcome<T>(): [Outcome<T>, settle: (end: T | RealtimeError) => void] {
  let settle!: (end: T | RealtimeError) => void;
  const promise = new Outcome<T>((resolve, reject) => {
    settle = (end) => (end instanceof Error ? reject(end) : resolve(end));
  });
  promise.catch(() => {});
  promise.isObserved = false;
  return [promise, settle];
}
