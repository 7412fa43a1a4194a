/** The handle that `client.collection(channel, options)` returns. */
import type { Host } from './client-internals.js';
import type { CollectionState } from './client-state.js';
import type {
  Collection,
  CollectionOptions,
  CollectionSnapshot,
  Draft,
  Mutation,
  MutationStatus,
  RowKey,
} from './collection-types.js';
import { Emitter } from './emitter.js';
import { ChangeAction, KEY_FIELD } from './generated/facade.js';
import { serialiseObject } from './serialize.js';
import { checkFunction, checkName } from './validate.js';

/** The snapshot before anything is loaded; also on a server. */
const LOADING: CollectionSnapshot<never> = {
  items: [],
  isLoading: true,
  error: null,
  pending: [],
  continuity: 'fresh',
};

/** The statuses of mutations whose names differ from those of sends. */
const STATUSES: { [status: string]: MutationStatus } = { queued: 'pending', acked: 'confirmed' };

/** Opens a collection. */
export function collectionHandle<T extends object>(
  host: Host,
  channel: string,
  options: CollectionOptions<T>,
): Collection<T> {
  const { key: keyOf = KEY_FIELD, load, persist, sort } = options;
  if (typeof keyOf !== 'function') checkName(keyOf, 'key');
  for (const [name, value] of Object.entries({ load, persist, sort })) {
    if (value !== undefined) checkFunction(value, name);
  }
  const listeners = new Emitter(host.report);
  const state: CollectionState<T> = {
    options,
    byKey: new Map(),
    snapshot: LOADING,
    show(changes) {
      state.snapshot = Object.freeze({ ...state.snapshot, ...changes });
      listeners.emit('change', state.snapshot);
    },
  };
  const subscriber = host.open(channel, options, { collectionState: state as never });

  const mutate = (action: ChangeAction, text: string, given: RowKey | undefined): Mutation<T> => {
    const key = Number.isSafeInteger(given) ? `${given}` : (given as string | undefined);
    // An insert may leave the key to the server.
    if (action !== ChangeAction.Insert || key !== undefined) checkName(key, 'key');
    const sent = host.enqueue(channel, text, {}, { collection: subscriber, action, key });
    return {
      id: sent.id,
      get status() {
        return STATUSES[sent.status] ?? (sent.status as MutationStatus);
      },
      promise: sent.acked,
    };
  };

  const handle = {
    channel,
    get: (key: RowKey) => state.byKey.get(`${key}`),
    isPending: (key: RowKey) => state.snapshot.pending.some((change) => change.key === `${key}`),
    getSnapshot: () => state.snapshot,
    on: (event: 'change', listener: (snapshot: CollectionSnapshot<T>) => void) =>
      listeners.on(event, listener),
    insert: (row: Draft<T>) =>
      mutate(
        ChangeAction.Insert,
        serialiseObject(row, 'row'),
        typeof keyOf === 'function' ? keyOf(row as T) : (row as Record<string, RowKey>)[keyOf],
      ),
    update: (key: RowKey, patch: Partial<T>) =>
      mutate(ChangeAction.Update, serialiseObject(patch, 'patch'), key),
    remove: (key: RowKey) => mutate(ChangeAction.Remove, '', key),
    reload: () => host.session()?.reload(subscriber),
    release() {
      listeners.clear();
      host.close(subscriber);
    },
  };
  for (const name of Object.keys(LOADING)) {
    Object.defineProperty(handle, name, {
      get: () => state.snapshot[name as 'items'],
      enumerable: true,
    });
  }
  return handle as Collection<T>;
}
