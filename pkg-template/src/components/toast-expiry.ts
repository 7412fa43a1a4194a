/** The timer that all toasts on a page share. */

/** The timer of one toast. */
export interface ToastTimer {
  /** Pauses the time. */
  pause(): void;
  /** Resumes the time. */
  resume(): void;
  /** Removes the timer. */
  end(): void;
}

interface Timer {
  phase: 'running' | 'paused';
  /** The remaining time at {@link Timer.since}. */
  leftMs: number;
  since: number;
  expired: () => void;
}

/** Expires toasts. All are paused while the page is hidden. */
export class ToastExpiry {
  readonly #timers = new Set<Timer>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts a timer. */
  begin(leftMs: number, expired: () => void): ToastTimer {
    const state: Timer = { phase: 'running', leftMs, since: Date.now(), expired };
    if (!this.#timers.size) document.addEventListener('visibilitychange', this.#follow);
    this.#timers.add(state);
    this.#arm();
    const setPhase = (phase: Timer['phase']) => () => {
      this.#count();
      state.phase = phase;
      this.#arm();
    };
    return {
      pause: setPhase('paused'),
      resume: setPhase('running'),
      end: () => {
        this.#end(state);
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
    for (const state of this.#timers) {
      if (time === 'passed' && state.phase === 'running') state.leftMs -= now - state.since;
      state.since = now;
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const running = [...this.#timers].filter(({ phase }) => phase === 'running');
    if (!running.length) return;
    const left = running.map(({ leftMs, since }) => leftMs - (Date.now() - since));
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Math.min(...left)));
  }

  #expire(): void {
    this.#count();
    const due = [...this.#timers].filter((state) => state.phase === 'running' && state.leftMs <= 0);
    for (const state of due) this.#end(state);
    this.#arm();
    for (const { expired } of due) {
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

  #end(state: Timer): void {
    this.#timers.delete(state);
    if (!this.#timers.size) document.removeEventListener('visibilitychange', this.#follow);
  }
}

/** The page's toast timer. */
export const toastExpiry: ToastExpiry = /* @__PURE__ */ new ToastExpiry();
