/** Routes the engine's reports and requests on collections to the app. */
import type { ClientState, CollectionState, Subscriber } from '../client-state.js';
import type {
  Change,
  CollectionOptions,
  CollectionSnapshot,
  Loaded,
  PendingChange,
} from '../collection-types.js';
import type { RealtimeError } from '../errors.js';
import {
  CHANGES,
  COLLECTION_STATUSES,
  CONFLICTS,
  ConflictNumber,
  DEFAULT_CONFLICT,
  RequestKind,
  SessionText,
} from '../generated/engine.js';
import type { Engine } from '../generated/engine-interface.js';
import { KEY_FIELD } from '../generated/facade.js';
import { reporterOf } from '../reporter.js';
import type { EngineCollectionOptions } from './engine-abi.js';
import { messageOf } from './engine-errors.js';
import { plainCopy } from './plain-copy.js';
import { joinOptions } from './subscribe-options.js';

type Row = object;

/** An open collection. */
interface CollectionEntry {
  subscriber: Subscriber;
  state: CollectionState;
  status: (typeof COLLECTION_STATUSES)[number];
  /** Why loading failed. */
  error: RealtimeError | null;
  /** `former`: the rows of the previous engine are shown until this one has its own. */
  items: 'own' | 'former';
}

/** The engine's report on a collection. */
interface Report {
  rows: Row[];
  keys: string[];
  pending: number[];
  pendingKeys: string[];
  status: number;
  error: RealtimeError | null;
}

/** Calls the engine, unless it has trapped. */
type Call = (work: (engine: Engine) => void) => void;

/** Returns the previous list if the new one is equal. */
const keep = <T>(
  before: readonly T[],
  after: readonly T[],
  isSame: (a: T, b: T | undefined) => boolean = Object.is,
): readonly T[] =>
  before.length === after.length && after.every((part, at) => isSame(part, before[at]))
    ? before
    : after;

const isSameChange = (a: PendingChange, b: PendingChange | undefined): boolean =>
  a.id === b?.id && a.key === b.key;

const isSameError = (a: RealtimeError | null, b: RealtimeError | null): boolean =>
  a?.code === b?.code && a?.message === b?.message;

/** The key under which React's hooks keep the options that the app gave: the hooks' own functions call the latest ones. */
const GIVEN = Symbol.for('tidewire.rows');

const numbers = new WeakMap<object, number>();
let functions = 0;

/** Returns a number that identifies a function. */
function numberOf(value: unknown): number {
  if (typeof value !== 'function') return 0;
  const number = numbers.get(value) ?? ++functions;
  numbers.set(value, number);
  return number;
}

function conflictNumber(conflict: CollectionOptions<Row>['conflict']): number {
  if (conflict === undefined) return DEFAULT_CONFLICT;
  return typeof conflict === 'function' ? ConflictNumber.Function : CONFLICTS.indexOf(conflict);
}

function engineOptions(options: CollectionOptions<Row>): EngineCollectionOptions {
  const { key = KEY_FIELD, load, persist, events, conflict, version, limit } = options;
  const given = (options as { [GIVEN]?: CollectionOptions<Row> })[GIVEN] ?? options;
  return {
    functions: [given.key, given.load, given.persist, given.conflict, given.dedupKey].map(numberOf),
    key: typeof key === 'function' ? undefined : key,
    loads: !!load,
    persists: !!persist,
    events: CHANGES.map((change) => events?.[change] ?? change),
    conflict: conflictNumber(conflict),
    version,
    limit,
  };
}

async function load({ load }: CollectionOptions<Row>, { serialise }: ClientState) {
  const loaded = (await load?.()) as Loaded<Row> | undefined;
  const { rows, position } = Array.isArray(loaded)
    ? { rows: loaded }
    : ((loaded ?? {}) as Partial<Exclude<Loaded<Row>, readonly Row[]>>);
  if (!Array.isArray(rows)) throw Error(SessionText.NoRows);
  const { epoch, seq } = position ?? {};
  const isPosition = typeof epoch === 'string' && typeof seq === 'number';
  const copies = Array.from(rows, (row, at) => plainCopy(row, `rows[${at}]`, serialise));
  return { rows: copies, epoch: isPosition ? epoch : undefined, seq: isPosition ? seq : undefined };
}

/** The collections of one engine, by id. */
export class CollectionRouter {
  readonly #client: ClientState;
  readonly #call: Call;
  readonly #entries = new Map<number, CollectionEntry>();

  constructor(client: ClientState, call: Call) {
    this.#client = client;
    this.#call = call;
  }

  /** Opens a collection; returns its channel's id. */
  open(engine: Engine, subscriber: Subscriber, state: CollectionState): number {
    const { number, channel } = subscriber;
    const items = state.snapshot.items.length ? 'former' : 'own';
    // The engine may report on it before it returns.
    this.#entries.set(number, { subscriber, state, status: 'loading', error: null, items });
    try {
      return engine.openCollection(
        number,
        number,
        channel,
        joinOptions(this.#client, state.options),
        engineOptions(state.options),
      );
    } catch (error) {
      this.#entries.delete(number);
      throw error;
    }
  }

  /** Returns the initial snapshot that a collection opened now would have. */
  peek(
    engine: Engine,
    channel: string,
    options: CollectionOptions<Row>,
  ): Partial<CollectionSnapshot<Row>> | undefined {
    const join = joinOptions(this.#client, options);
    const report = engine.peekCollection(channel, join, engineOptions(options));
    if (!report) return undefined;
    const [rows, , , , status] = report as [Row[], unknown, unknown, unknown, number];
    return { items: this.#sorted(rows, options), isLoading: !status };
  }

  close({ number }: Subscriber): void {
    this.#entries.delete(number);
  }

  /** Drops rows of the previous engine when the user changes. The engine drops its own. */
  dropFormer(): void {
    for (const { number, collectionState } of this.#client.subscribers) {
      const entry = this.#entries.get(number);
      if (!collectionState?.snapshot.items.length || entry?.items === 'own') continue;
      if (entry) entry.items = 'own';
      collectionState.byKey = new Map();
      collectionState.show({ items: [] });
    }
  }

  /** Updates the snapshot from the channel's state. */
  refresh({ number }: Subscriber): void {
    const entry = this.#entries.get(number);
    if (entry) this.#show(entry, {});
  }

  /** Removes a settled change from `pending`, even if its row has not been received yet. */
  settled({ number }: Subscriber, id: string): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    const { pending } = entry.state.snapshot;
    this.#show(entry, { pending: pending.filter((change) => change.id !== id) });
  }

  report(number: number, { rows, keys, pending, pendingKeys, status, error }: Report): void {
    const entry = this.#entries.get(number);
    if (!entry) return;
    entry.status = COLLECTION_STATUSES[status] ?? 'loading';
    const isNew = error && !isSameError(error, entry.error);
    if (!isSameError(error, entry.error)) entry.error = error;
    if (entry.status === 'live') entry.items = 'own';
    let items: readonly Row[] = entry.state.snapshot.items;
    if (entry.items === 'own') {
      entry.state.byKey = new Map(keys.map((key, at) => [key, rows[at] as Row]));
      items = this.#sorted(rows, entry.state.options);
    }
    this.#show(entry, { items, pending: this.#pending(pending, pendingKeys) });
    if (isNew) {
      const { onError } = entry.state.options;
      this.#client.call(onError, error);
      reporterOf(this.#client).error(error, !!onError);
    }
  }

  /** Calls the app's function for a request of the engine, and passes its result, or the error it threw, to the engine. */
  request(
    number: number,
    request: number,
    requestKind: number,
    a: unknown,
    b: unknown,
    c: unknown,
  ): void {
    const options = this.#entries.get(number)?.state.options;
    if (!options) return;
    const fail = (error: unknown): void =>
      this.#call((engine) => engine.answerFailed(number, request, error, messageOf(error)));
    const answer = (value: unknown): void =>
      this.#call((engine) => engine.answer(number, request, requestKind, value));
    const answerNow = (value: () => unknown): void => {
      let result: unknown;
      try {
        result = value();
      } catch (error) {
        fail(error);
        return;
      }
      answer(result);
    };
    switch (requestKind) {
      case RequestKind.Load:
        load(options, this.#client).then(
          ({ rows, epoch, seq }) =>
            this.#call((engine) => engine.answerLoad(number, request, rows, epoch, seq)),
          fail,
        );
        break;
      case RequestKind.Persist:
        this.#persist(options, a as Change<Row>, b as string, c as number).then(answer, fail);
        break;
      case RequestKind.Resolve: {
        const { conflict } = options;
        answerNow(
          () =>
            typeof conflict === 'function' &&
            this.#plain(conflict(a as Row, b as Row, c as Row | undefined), SessionText.Resolved),
        );
        break;
      }
      case RequestKind.Key: {
        const { key } = options;
        answerNow(
          () => typeof key === 'function' && this.#plain(key(a as never), SessionText.RowKey),
        );
        break;
      }
    }
  }

  async #persist(
    { persist }: CollectionOptions<Row>,
    change: Change<Row>,
    mutation: string,
    number: number,
  ): Promise<unknown> {
    const send = this.#client.sends.get(number);
    if (send) {
      // From now on the server may have received it.
      send.transmitted = true;
      send.sent.status = 'sent';
    }
    return this.#plain(await persist?.(change, { mutation }), SessionText.StoredRow);
  }

  #plain(answer: unknown, name: string): unknown {
    return plainCopy(answer, name, this.#client.serialise);
  }

  #sorted(rows: Row[], { sort }: CollectionOptions<Row>): readonly Row[] {
    this.#client.call(sort && (() => rows.sort(sort)));
    return rows;
  }

  #pending(numbers: number[], keys: string[]): readonly PendingChange[] {
    return numbers.flatMap((number, at) => {
      const { sent, target } = this.#client.sends.get(number) ?? {};
      if (!sent || !target) return [];
      return { id: sent.id, key: keys[at] ?? '', kind: CHANGES[target.action] ?? 'update' };
    });
  }

  #show(
    { subscriber: { view }, state: { snapshot, show }, status, error }: CollectionEntry,
    changes: Partial<CollectionSnapshot<Row>>,
  ): void {
    const next: CollectionSnapshot<Row> = {
      items: keep(snapshot.items, changes.items ?? snapshot.items),
      isLoading: status === 'loading' && !view.error,
      error: view.error ?? error,
      pending: keep(snapshot.pending, changes.pending ?? snapshot.pending, isSameChange),
      continuity: view.continuity,
    };
    const keys = Object.keys(next) as (keyof typeof next)[];
    if (keys.some((key) => next[key] !== snapshot[key])) show(next);
  }
}
