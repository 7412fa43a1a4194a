/** Waits for events, with a time limit. */

/** The time limit of every wait. */
const TIME_LIMIT_MS = 8_000;

/** Received items in order, and the call that waits for the next one. */
export class Inbox<T> {
  /** Everything so far. */
  readonly all: T[] = [];
  #read = 0;
  #wake: (() => void) | undefined;

  /** Adds an item; can be passed as a callback. */
  readonly add = (item: T): void => {
    this.all.push(item);
    this.#wake?.();
  };

  /** Resolves with the next item. */
  next(): Promise<T> {
    return this.until(() => true);
  }

  /** Resolves with the next item that matches; others are skipped. */
  until(matches: (item: T) => boolean): Promise<T> {
    const search = async (): Promise<T> => {
      for (;;) {
        while (this.#read < this.all.length) {
          const item = this.all[this.#read] as T;
          this.#read += 1;
          if (matches(item)) return item;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return within(
      search(),
      () => `it was not received; the received items are ${JSON.stringify(this.all)}`,
    );
  }
}

/** Rejects with a message after the time limit. */
export function within<T>(promise: Promise<T>, describe: () => string): Promise<T> {
  const { promise: late, reject } = withResolvers<never>();
  const timer = setTimeout(() => reject(Error(describe())), TIME_LIMIT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Polls until a condition is met, for conditions without an event. */
export async function eventually(isMet: () => boolean | Promise<boolean>): Promise<void> {
  const poll = async (): Promise<void> => {
    while (!(await isMet())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(poll(), () => `the condition was not met: ${isMet}`);
}

function withResolvers<T>() {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
