/** A store that polls the metrics of a client. */
import { createRealtimeClient, type Metrics, type RealtimeClient } from '../index.js';
import { clock } from './clock.js';
import { deepEqual } from './deep-equal.js';
import { isAlive } from './errors.js';
import { Store } from './store.js';

/** The metrics of an unused client. */
let unused: Metrics | undefined;

/** Reads a client's metrics with every tick, and whenever its state changes. */
export class MetricsStore extends Store<Metrics> {
  readonly #client: RealtimeClient;
  #stopWatching: (() => void)[] = [];

  constructor(client: RealtimeClient) {
    super();
    this.#client = client;
  }

  protected get initial(): Metrics {
    unused ??= createRealtimeClient().getMetrics();
    return unused;
  }

  protected open(): void {
    if (!isAlive(this.#client)) return;
    const poll = () => this.#poll();
    this.#stopWatching = [clock.subscribe(poll), this.#client.on('state', poll)];
    poll();
  }

  protected close(): void {
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
  }

  #poll(): void {
    const { rtt, ...counters } = this.#client.getMetrics();
    const before = this.getSnapshot().rtt;
    this.show({ ...counters, rtt: deepEqual(rtt, before) ? before : rtt });
  }
}
