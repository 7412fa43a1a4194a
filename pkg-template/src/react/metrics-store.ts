/** The counters of a client, looked at now and then. */
import { createRealtimeClient, type Metrics, type RealtimeClient } from '../index.js';
import { clock } from './clock.js';
import { isAlike } from './deep-equal.js';
import { isAlive } from './errors.js';
import { Store } from './store.js';

/** Those of a client that never did anything. */
let none: Metrics | undefined;

/** Looks at a client's counters with every tick, and whenever its state changes. */
export class MetricsStore extends Store<Metrics> {
  readonly #client: RealtimeClient;
  #stopWatching: (() => void)[] = [];

  constructor(client: RealtimeClient) {
    super();
    this.#client = client;
  }

  protected get initial(): Metrics {
    none ??= createRealtimeClient().getMetrics();
    return none;
  }

  protected open(): void {
    if (!isAlive(this.#client)) return;
    const look = () => this.#look();
    this.#stopWatching = [clock.subscribe(look), this.#client.on('state', look)];
    look();
  }

  protected close(): void {
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
  }

  #look(): void {
    const { rtt, ...counters } = this.#client.getMetrics();
    const before = this.getSnapshot().rtt;
    this.show({ ...counters, rtt: isAlike(rtt, before) ? before : rtt });
  }
}
