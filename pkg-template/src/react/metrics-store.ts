/** The counters of a client, looked at now and then. */
import { createRealtimeClient, type Metrics, type RealtimeClient } from '../index.js';
import { isAlike } from './alike.js';
import { isAlive } from './failures.js';
import { Store } from './store.js';

/** Those of a client that never did anything. */
let none: Metrics | undefined;

/** Looks at a client's counters every so often, and whenever its state changes. */
export class MetricsStore extends Store<Metrics> {
  readonly #client: RealtimeClient;
  readonly #everyMs: number;
  #clock: ReturnType<typeof setInterval> | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(client: RealtimeClient, everyMs: number) {
    super();
    this.#client = client;
    this.#everyMs = everyMs;
  }

  protected get initial(): Metrics {
    none ??= createRealtimeClient().getMetrics();
    return none;
  }

  protected open(): void {
    if (!isAlive(this.#client)) return;
    this.#clock = setInterval(() => this.#look(), this.#everyMs);
    this.#stopWatching = this.#client.on('state', () => this.#look());
    this.#look();
  }

  protected close(): void {
    clearInterval(this.#clock);
    this.#stopWatching?.();
  }

  #look(): void {
    const { rtt, ...counters } = this.#client.getMetrics();
    const before = this.getSnapshot().rtt;
    this.show({ ...counters, rtt: isAlike(rtt, before) ? before : rtt });
  }
}
