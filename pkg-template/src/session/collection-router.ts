/** One engine's collections: what they ask of the app, and what they show. */
import type { Ledger, Rows, Subscriber } from '../client-state.js';
import type {
  Change,
  CollectionOptions,
  CollectionSnapshot,
  Loaded,
  PendingChange,
} from '../collection-types.js';
import type { RealtimeError } from '../errors.js';
import { reporterOf } from '../reporter.js';
import {
  CHANGES,
  COLLECTION_STATUSES,
  CONFLICTS,
  type Engine,
  type EngineCollectionOptions,
  Question,
} from './engine-abi.js';
import { memberOf, wordsOf } from './engine-errors.js';
import { plainCopy } from './plain-copy.js';
import { joinOptions } from './subscribe-options.js';

type Row = object;

/** A collection with a number. */
interface Shown {
  subscriber: Subscriber;
  rows: Rows;
  status: (typeof COLLECTION_STATUSES)[number];
  /** Why loading failed. */
  error: RealtimeError | null;
  /** `former`: those of an engine that is gone are shown until this one has its own. */
  items: 'own' | 'former';
}

/** The numbers and rows of a report. */
interface Report {
  rows: Row[];
  keys: string[];
  pending: number[];
  pendingKeys: string[];
  status: number;
  error: RealtimeError | null;
}

/** Calls the engine, if it still is there. */
type Call = (work: (engine: Engine) => void) => void;

/** The list of before if the new one says the same. */
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

/** The code by which a refusal is told apart: its own, or that of HTTP's "409 Conflict". */
function codeOf(error: unknown): string | undefined {
  const code = memberOf(error, 'code');
  if (typeof code === 'string') return code;
  return memberOf(error, 'status') === 409 ? 'conflict' : undefined;
}

/** Where the hooks of React leave the options that were given: their own functions call the newest ones. */
const GIVEN = Symbol.for('tidewire.rows');

const numbers = new WeakMap<object, number>();
let functions = 0;

/** A number for a function, always the same. */
function numberOf(value: unknown): number {
  if (typeof value !== 'function') return 0;
  const number = numbers.get(value) ?? ++functions;
  numbers.set(value, number);
  return number;
}

function engineOptions(options: CollectionOptions<Row>): EngineCollectionOptions {
  const { key = 'id', load, persist, events, conflict = 'server-wins', version, limit } = options;
  const given = (options as { [GIVEN]?: CollectionOptions<Row> })[GIVEN] ?? options;
  return {
    functions: [given.key, given.load, given.persist, given.conflict, given.dedupKey].map(numberOf),
    key: typeof key === 'function' ? undefined : key,
    loads: !!load,
    persists: !!persist,
    events: CHANGES.map((change) => events?.[change] ?? change),
    conflict: typeof conflict === 'function' ? CONFLICTS.length : CONFLICTS.indexOf(conflict),
    version,
    limit,
  };
}

async function load({ load }: CollectionOptions<Row>, { serialise }: Ledger) {
  const loaded = (await load?.()) as Loaded<Row> | undefined;
  const { rows, position } = Array.isArray(loaded)
    ? { rows: loaded }
    : ((loaded ?? {}) as Partial<Exclude<Loaded<Row>, readonly Row[]>>);
  if (!Array.isArray(rows)) throw Error('load gave neither rows nor { rows }');
  const { epoch, seq } = position ?? {};
  const isPlace = typeof epoch === 'string' && typeof seq === 'number';
  const copies = Array.from(rows, (row, at) => plainCopy(row, `rows[${at}]`, serialise));
  return { rows: copies, epoch: isPlace ? epoch : undefined, seq: isPlace ? seq : undefined };
}

/** What the engine shows and asks of the collections it has. */
export class Collections {
  readonly #ledger: Ledger;
  readonly #call: Call;
  readonly #shown = new Map<number, Shown>();

  constructor(ledger: Ledger, call: Call) {
    this.#ledger = ledger;
    this.#call = call;
  }

  /** Opens one; returns its channel's number. */
  open(engine: Engine, subscriber: Subscriber, rows: Rows): number {
    const { number, channel } = subscriber;
    const items = rows.snapshot.items.length ? 'former' : 'own';
    // The engine may report on it before it returns.
    this.#shown.set(number, { subscriber, rows, status: 'loading', error: null, items });
    try {
      return engine.openCollection(
        number,
        number,
        channel,
        joinOptions(this.#ledger, rows.options),
        engineOptions(rows.options),
      );
    } catch (error) {
      this.#shown.delete(number);
      throw error;
    }
  }

  /** What would be shown at once of a collection that is opened now. */
  peek(
    engine: Engine,
    channel: string,
    options: CollectionOptions<Row>,
  ): Partial<CollectionSnapshot<Row>> | undefined {
    const join = joinOptions(this.#ledger, options);
    const shown = engine.peekCollection(channel, join, engineOptions(options));
    if (!shown) return undefined;
    const [rows, , , , status] = shown as [Row[], unknown, unknown, unknown, number];
    return { items: this.#sorted(rows, options), isLoading: !status };
  }

  close({ number }: Subscriber): void {
    this.#shown.delete(number);
  }

  /** Another user: rows of an engine that is gone are shown no longer. The engine drops its own. */
  dropFormer(): void {
    for (const { number, rows } of this.#ledger.subscribers) {
      const shown = this.#shown.get(number);
      if (!rows?.snapshot.items.length || shown?.items === 'own') continue;
      if (shown) shown.items = 'own';
      rows.byKey = new Map();
      rows.show({ items: [] });
    }
  }

  /** Shows what changed of it, and how its channel stands. */
  refresh({ number }: Subscriber): void {
    const shown = this.#shown.get(number);
    if (shown) this.#show(shown, {});
  }

  /** A change that has its outcome is pending no more, even if its row is still to come. */
  settled({ number }: Subscriber, id: string): void {
    const shown = this.#shown.get(number);
    if (!shown) return;
    const { pending } = shown.rows.snapshot;
    this.#show(shown, { pending: pending.filter((change) => change.id !== id) });
  }

  report(number: number, { rows, keys, pending, pendingKeys, status, error }: Report): void {
    const shown = this.#shown.get(number);
    if (!shown) return;
    shown.status = COLLECTION_STATUSES[status] ?? 'loading';
    const isNews = error && !isSameError(error, shown.error);
    if (!isSameError(error, shown.error)) shown.error = error;
    if (shown.status === 'live') shown.items = 'own';
    let items: readonly Row[] = shown.rows.snapshot.items;
    if (shown.items === 'own') {
      shown.rows.byKey = new Map(keys.map((key, at) => [key, rows[at] as Row]));
      items = this.#sorted(rows, shown.rows.options);
    }
    this.#show(shown, { items, pending: this.#pending(pending, pendingKeys) });
    if (isNews) {
      const { onError } = shown.rows.options;
      this.#ledger.call(onError, error);
      reporterOf(this.#ledger).error(error, !!onError);
    }
  }

  /** Asks the app. Whatever it throws is the engine's answer, and harms nobody else. */
  ask(number: number, request: number, question: number, a: unknown, b: Row, c?: Row): void {
    const options = this.#shown.get(number)?.rows.options;
    if (!options) return;
    const fail = (error: unknown): void =>
      this.#call((engine) => engine.answerFailed(number, request, codeOf(error), wordsOf(error)));
    const answer = (value: unknown): void =>
      this.#call((engine) => engine.answer(number, request, question, value));
    const answerNow = (value: () => unknown): void => {
      let known: unknown;
      try {
        known = value();
      } catch (error) {
        fail(error);
        return;
      }
      answer(known);
    };
    switch (question) {
      case Question.Load:
        load(options, this.#ledger).then(
          ({ rows, epoch, seq }) =>
            this.#call((engine) => engine.answerLoad(number, request, rows, epoch, seq)),
          fail,
        );
        break;
      case Question.Persist:
        this.#persist(options, a as Change<Row> & { mutation: string }).then(answer, fail);
        break;
      case Question.Resolve: {
        const { conflict } = options;
        answerNow(
          () =>
            typeof conflict === 'function' && this.#plain(conflict(a as Row, b, c), 'conflict()'),
        );
        break;
      }
      case Question.Key: {
        const { key } = options;
        answerNow(() => typeof key === 'function' && this.#plain(key(a as never), 'key()'));
        break;
      }
    }
  }

  async #persist(
    { persist }: CollectionOptions<Row>,
    { mutation, ...change }: Change<Row> & { mutation: string },
  ): Promise<unknown> {
    // One that is tried again after a conflict has a new id, which begins with the old one.
    const [id] = mutation.split('~');
    for (const send of this.#ledger.sends.values()) {
      if (send.sent.id !== id) continue;
      // From now on the server may have it.
      send.transmitted = true;
      send.sent.status = 'sent';
    }
    return this.#plain(await persist?.(change as Change<Row>, { mutation }), 'the stored row');
  }

  #plain(answer: unknown, name: string): unknown {
    return plainCopy(answer, name, this.#ledger.serialise);
  }

  #sorted(rows: Row[], { sort }: CollectionOptions<Row>): readonly Row[] {
    this.#ledger.call(sort && (() => rows.sort(sort)));
    return rows;
  }

  #pending(numbers: number[], keys: string[]): readonly PendingChange[] {
    return numbers.flatMap((number, at) => {
      const { sent, errand } = this.#ledger.sends.get(number) ?? {};
      if (!sent || !errand) return [];
      return { id: sent.id, key: keys[at] ?? '', kind: CHANGES[errand.action] ?? 'update' };
    });
  }

  #show(
    { subscriber: { view }, rows: { snapshot, show }, status, error }: Shown,
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
