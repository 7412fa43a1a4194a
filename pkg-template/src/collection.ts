/** The handle that `client.collection(channel, options)` gives. */
import type {
  Collection,
  CollectionOptions,
  CollectionSnapshot,
  Mutation,
  RowKey,
} from './collection-types.js';
import { checkFunction, checkName, serialiseObject } from './door.js';
import { Emitter } from './emitter.js';
import type { Host } from './host.js';
import type { Rows } from './ledger.js';

/** What is shown before anything is known; also on a server. */
const LOADING: CollectionSnapshot<never> = {
  items: [],
  isLoading: true,
  error: null,
  pending: [],
  continuity: 'fresh',
};

/** Opens a collection. */
export function collectionHandle<T extends object>(
  host: Host,
  channel: string,
  options: CollectionOptions<T>,
): Collection<T> {
  const { key: keyOf = 'id', load, persist, sort } = options;
  if (typeof keyOf !== 'function') checkName(keyOf, 'key');
  for (const [name, value] of Object.entries({ load, persist, sort })) {
    if (value !== undefined) checkFunction(value, name);
  }
  const listeners = new Emitter(host.report);
  const rows: Rows<T> = {
    options,
    byKey: new Map(),
    snapshot: LOADING,
    show(changes) {
      rows.snapshot = Object.freeze({ ...rows.snapshot, ...changes });
      listeners.emit('change', rows.snapshot);
    },
  };
  const subscriber = host.open(channel, options, { rows: rows as never });

  const mutate = (action: number, given: RowKey | undefined, text: string): Mutation<T> => {
    const key = Number.isSafeInteger(given) ? `${given}` : (given as string | undefined);
    // Whoever inserts may leave the key to the server.
    if (action || key !== undefined) checkName(key, 'key');
    const sent = host.give(channel, text, {}, { collection: subscriber, action, key });
    return {
      id: sent.id,
      get status() {
        const { status } = sent;
        return status === 'queued' ? 'pending' : status === 'acked' ? 'confirmed' : status;
      },
      promise: sent.acked,
    };
  };

  return {
    channel,
    get items() {
      return rows.snapshot.items;
    },
    get isLoading() {
      return rows.snapshot.isLoading;
    },
    get error() {
      return rows.snapshot.error;
    },
    get pending() {
      return rows.snapshot.pending;
    },
    get continuity() {
      return rows.snapshot.continuity;
    },
    get: (key) => rows.byKey.get(`${key}`),
    isPending: (key) => rows.snapshot.pending.some((change) => change.key === `${key}`),
    getSnapshot: () => rows.snapshot,
    on: (event, listener) => listeners.on(event, listener),
    insert: (row) => {
      const text = serialiseObject(row, 'row');
      const own =
        typeof keyOf === 'function' ? keyOf(row as T) : (row as Record<string, RowKey>)[keyOf];
      return mutate(0, own, text);
    },
    update: (key, patch) => mutate(1, key, serialiseObject(patch, 'patch')),
    remove: (key) => mutate(2, key, ''),
    reload: () => host.session()?.reload(subscriber),
    release() {
      listeners.clear();
      host.close(subscriber);
    },
  };
}
