/** The clock of what is gathered before it is shown. */

/**
 * Gathers changes. The first one after a quiet time is shown at the end of its task, with all others of
 * that task; those that follow within a window are shown together when it ends.
 */
export class Batch {
  readonly #show: () => void;
  readonly #windowMs: number;
  #phase: 'quiet' | 'due' | 'window' | 'gathering' = 'quiet';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(windowMs: number, show: () => void) {
    this.#windowMs = windowMs;
    this.#show = show;
  }

  /** Something changed. */
  add(): void {
    if (this.#phase === 'window') this.#phase = 'gathering';
    if (this.#phase !== 'quiet') return;
    this.#phase = 'due';
    queueMicrotask(() => {
      if (this.#phase === 'due') this.#flush();
    });
  }

  /** Nobody is interested any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#phase = 'quiet';
  }

  #flush(): void {
    this.#phase = 'window';
    this.#timer = setTimeout(() => {
      if (this.#phase === 'gathering') this.#flush();
      else this.#phase = 'quiet';
    }, this.#windowMs);
    this.#show();
  }
}
