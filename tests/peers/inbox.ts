/** Waiting for events, instead of for time to pass. */

/** How long anything may take before its scenario has failed. */
const PATIENCE_MS = 8_000;

/** Received items in order, and the call that waits for the next one. */
export class Inbox<T> {
  /** Everything so far. */
  readonly all: T[] = [];
  #read = 0;
  #wake: (() => void) | undefined;

  /** To be passed as a callback. */
  readonly add = (item: T): void => {
    this.all.push(item);
    this.#wake?.();
  };

  /** The next one. */
  next(): Promise<T> {
    return this.until(() => true);
  }

  /** The next one of this kind; others are passed over. */
  until(wanted: (item: T) => boolean): Promise<T> {
    const search = async (): Promise<T> => {
      for (;;) {
        while (this.#read < this.all.length) {
          const item = this.all[this.#read] as T;
          this.#read += 1;
          if (wanted(item)) return item;
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

/** Rejects with a message instead of hanging. */
export function within<T>(promise: Promise<T>, complaint: () => string): Promise<T> {
  const { promise: late, reject } = withResolvers<never>();
  const timer = setTimeout(() => reject(Error(complaint())), PATIENCE_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Polls until a condition is met that emits no event. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const look = async (): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(look(), () => `it never held: ${holds}`);
}

function withResolvers<T>() {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
