/**
 * The page's side of the collection tests: a collection whose every snapshot is checked, and random changes of it.
 */
import type { Collection, CollectionOptions, Continuity, Mutation, RealtimeClient } from 'tidewire';
import { Random } from '../support/random.js';

/** A row. `mark` identifies it under its temporary key and its real one. */
export interface Card {
  id: string;
  mark: string;
  title: string;
  body?: string;
  version?: number;
}

/** How a board is opened. */
export interface BoardOptions
  extends Pick<CollectionOptions<Card>, 'conflict' | 'version' | 'limit'> {
  /** The address from which its rows are loaded. Default: they are not loaded. */
  table?: string;
  /** Whether changes are stored over HTTP, at the same address. */
  overHttp?: boolean;
}

/** A change, and its outcome. */
export interface Edit {
  mutation: string;
  kind: 'insert' | 'update' | 'remove';
  /** The written title, of inserts and updates. */
  title?: string;
  outcome?: 'confirmed' | 'unconfirmed';
  /** The server's code if it has one, else the client's. */
  failure?: string;
}

/** The state of a board. */
export interface BoardReport {
  /** The shown rows, in the order of the keys. */
  rows: Card[];
  pending: number;
  isLoading: boolean;
  continuity: Continuity;
  error: string | null;
  /** In the order they were made. */
  edits: Edit[];
  /** Violations that a snapshot had. */
  faults: string[];
  renders: number;
  loads: number;
}

/** A title that the tables of these tests reject. */
const FORBIDDEN_TITLE = 'a forbidden word';

async function call(url: string, init?: RequestInit): Promise<never> {
  const answer = await fetch(url, init);
  if (answer.ok) return (await answer.json()) as never;
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  throw Object.assign(Error(error.message), { code: error.code, status: answer.status });
}

/** Stores changes over HTTP. */
function storeAt(table: string): NonNullable<CollectionOptions<Card>['persist']> {
  return async (change, { mutation }) => {
    const { kind, key } = change;
    const row = kind === 'update' ? { ...change.row, id: key } : 'row' in change && change.row;
    const answer = await call(table, {
      method: 'POST',
      headers: { 'idempotency-key': mutation },
      body: JSON.stringify({ change: kind, key, ...(row && { row }) }),
    });
    return (answer as { row: Card | null }).row ?? undefined;
  };
}

export class Board {
  readonly #edits: Edit[] = [];
  readonly #faults: string[] = [];
  #renders = 0;
  #loads = 0;
  readonly #collection: Collection<Card>;
  #shown = new Map<string, { row: Card; text: string }>();
  readonly #history = new Map<string, Card[]>();
  readonly #gone = new Set<string>();

  constructor(
    client: RealtimeClient,
    channel: string,
    { table, overHttp, ...options }: BoardOptions,
  ) {
    const load = (): Promise<Card[]> => {
      this.#loads++;
      return call(table ?? '');
    };
    this.#collection = client.collection<Card>(channel, {
      ...options,
      ...(table !== undefined && { load }),
      ...(table !== undefined && overHttp && { persist: storeAt(table) }),
    });
    this.#collection.on('change', ({ items }) => this.#check(items));
  }

  /** The row of this mark. */
  get(mark: string): Card | undefined {
    return this.#collection.items.find((row) => row.mark === mark);
  }

  /** The versions of an item that were shown, in order. */
  history(mark: string): Card[] {
    return this.#history.get(mark) ?? [];
  }

  report(): BoardReport {
    const { items, pending, isLoading, continuity, error } = this.#collection;
    return {
      rows: items.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      pending: pending.length,
      isLoading,
      continuity,
      error: error?.code ?? null,
      edits: this.#edits,
      faults: this.#faults,
      renders: this.#renders,
      loads: this.#loads,
    };
  }

  insert(row: Omit<Card, 'id'>): Edit {
    return this.#follow('insert', this.#collection.insert(row), row.title);
  }

  /** Changes the row of this mark. */
  update(mark: string, patch: Partial<Card>): Edit {
    const key = this.get(mark)?.id ?? mark;
    return this.#follow('update', this.#collection.update(key, patch), patch.title);
  }

  remove(mark: string): Edit {
    return this.#follow('remove', this.#collection.remove(this.get(mark)?.id ?? mark));
  }

  reload(): void {
    this.#collection.reload();
  }

  release(): void {
    this.#collection.release();
  }

  /** Makes so many random changes, at this interval. */
  async editAtRandom(name: string, seed: number, times: number, everyMs: number): Promise<void> {
    const random = new Random(seed);
    for (let turn = 0; turn < times; turn++) {
      this.#editOnce(random, `${name}-${turn}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  #editOnce(random: Random, what: string): void {
    const { items } = this.#collection;
    const title = random.next() < 0.1 ? FORBIDDEN_TITLE : what;
    const roll = random.next();
    const { mark } = items.length ? random.pick(items) : { mark: '' };
    if (!mark || roll < 0.35) this.insert({ mark: what, title });
    else if (roll < 0.65) this.update(mark, { title });
    else if (roll < 0.85) this.update(mark, { body: what });
    else this.remove(mark);
  }

  #follow(kind: Edit['kind'], { id, promise }: Mutation<Card>, title?: string): Edit {
    const edit: Edit = { mutation: id, kind, ...(title !== undefined && { title }) };
    this.#edits.push(edit);
    promise.then(
      ({ confirmed }) => {
        edit.outcome = confirmed ? 'confirmed' : 'unconfirmed';
      },
      ({ code, cause }) => {
        edit.failure = cause?.code ?? code;
      },
    );
    return edit;
  }

  /** Checks a snapshot: no key or item twice, no new object for a row with the same content, no removed row again. */
  #check(items: readonly Card[]): void {
    this.#renders++;
    const shown = new Map<string, { row: Card; text: string }>();
    const marks = new Set<string>();
    for (const row of items) {
      const text = JSON.stringify(row);
      if (shown.has(row.id)) this.#fault(`the key ${row.id} is shown twice`);
      if (marks.has(row.mark)) this.#fault(`the item ${row.mark} is shown twice`);
      if (this.#gone.has(row.mark)) this.#fault(`the item ${row.mark} was gone`);
      const before = this.#shown.get(row.id);
      if (before && (before.row === row) !== (before.text === text)) {
        this.#fault(
          `${text} is ${before.row === row ? 'the' : 'another'} object, not as ${before.text}`,
        );
      }
      shown.set(row.id, { row, text });
      marks.add(row.mark);
      const history = this.#history.get(row.mark) ?? [];
      if (history.at(-1) !== row) this.#history.set(row.mark, [...history, row]);
    }
    for (const mark of this.#history.keys()) if (!marks.has(mark)) this.#gone.add(mark);
    this.#shown = shown;
  }

  #fault(message: string): void {
    this.#faults.push(`render ${this.#renders}: ${message}`);
  }
}
