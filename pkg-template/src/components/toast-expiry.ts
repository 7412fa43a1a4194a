/** The one timer of all toasts on a page. */

/** The time that one toast has left. */
export interface ToastLife {
  /** Stands still, while somebody reads it. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** It is gone already. */
  end(): void;
}

interface Life {
  phase: 'running' | 'paused';
  /** What is left of it, as of {@link Life.since}. */
  leftMs: number;
  since: number;
  expired: () => void;
}

/** Ends toasts when their time is over. Nobody's time passes while the page is hidden. */
export class ToastExpiry {
  readonly #lives = new Set<Life>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins a life of so many milliseconds. */
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

  /** Takes the time since the last look off those that run, or lets it go by. */
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
    for (const { expired } of over) expired();
  }

  #end(life: Life): void {
    this.#lives.delete(life);
    if (!this.#lives.size) document.removeEventListener('visibilitychange', this.#follow);
  }
}

/** The page's. */
export const toastExpiry: ToastExpiry = /* @__PURE__ */ new ToastExpiry();
