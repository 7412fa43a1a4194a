/** The timer that all toasts on a page share. */

/** The timer of one toast. */
export interface ToastLife {
  /** Pauses the time. */
  pause(): void;
  /** Resumes the time. */
  resume(): void;
  /** Removes the timer. */
  end(): void;
}

interface Life {
  phase: 'running' | 'paused';
  /** The remaining time at {@link Life.since}. */
  leftMs: number;
  since: number;
  expired: () => void;
}

/** Expires toasts. All are paused while the page is hidden. */
export class ToastExpiry {
  readonly #lives = new Set<Life>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts a timer. */
  begin(leftMs: number, expired: () => void): ToastLife {
    const life: Life = { phase: 'running', leftMs, since: Date.now(), expired };
    if (!this.#lives.size) document.addEventListener('visibilitychange', this.#follow);
    this.#lives.add(life);
    this.#arm();
    const turn = (phase: Life['phase']) => () => {
      this.#count();
      life.phase = phase;
      this.#arm();
    };
    return {
      pause: turn('paused'),
      resume: turn('running'),
      end: () => {
        this.#end(life);
        this.#arm();
      },
    };
  }

  readonly #follow = (): void => {
    this.#count(document.hidden ? 'passed' : 'skipped');
    this.#arm();
  };

  /** Subtracts the time since the last call from the running timers, unless it is to be skipped. */
  #count(time: 'passed' | 'skipped' = document.hidden ? 'skipped' : 'passed'): void {
    const now = Date.now();
    for (const life of this.#lives) {
      if (time === 'passed' && life.phase === 'running') life.leftMs -= now - life.since;
      life.since = now;
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const running = [...this.#lives].filter(({ phase }) => phase === 'running');
    if (!running.length) return;
    const left = running.map(({ leftMs, since }) => leftMs - (Date.now() - since));
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Math.min(...left)));
  }

  #expire(): void {
    this.#count();
    const over = [...this.#lives].filter((life) => life.phase === 'running' && life.leftMs <= 0);
    for (const life of over) this.#end(life);
    this.#arm();
    for (const { expired } of over) {
      try {
        expired();
      } catch (error) {
        // An app's `onClose` threw: the other toasts have expired too.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #end(life: Life): void {
    this.#lives.delete(life);
    if (!this.#lives.size) document.removeEventListener('visibilitychange', this.#follow);
  }
}

/** The page's toast timer. */
export const toastExpiry: ToastExpiry = /* @__PURE__ */ new ToastExpiry();
