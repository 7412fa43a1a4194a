/** A list that is loaded, and loaded again whenever messages may have been missed. */
import type { Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import type { ChangePayload, ListHandler, ListRow } from './list-handler.js';
import type { ManagedChannel } from './managed-channel.js';

/** The list's status; the same object until it changes. */
export interface ListStatus {
  readonly isLoading: boolean;
  /** Whether messages flow now. */
  readonly isConnected: boolean;
  readonly error: Error | null;
}

/** The receiver of loaded rows. */
interface Loading {
  beginLoad(): void;
  endLoad(): void;
}

/** A change of a row, where the server publishes rows. */
interface RowMessage {
  row?: object;
  key?: string;
  mutation?: string;
}

/** States of the connection in which nothing is to be waited for. */
const NOT_CONNECTING = ['reconnecting', 'offline', 'failed', 'paused'];

/** Subscribes a channel, and loads what its messages change. */
export class LiveList {
  readonly #channel: ManagedChannel;
  readonly #handler: Loading;
  readonly #load: () => Promise<void>;
  readonly #changes = new Listeners<'change'>();
  readonly #ends: Unsubscribe[] = [];
  #loading: 'not yet' | 'under way' | 'again' | 'done' = 'not yet';
  #status: ListStatus = { isLoading: true, isConnected: false, error: null };
  #life: 'open' | 'closed' = 'open';

  constructor(channel: ManagedChannel, handler: Loading, load: () => Promise<void>) {
    this.#channel = channel;
    this.#handler = handler;
    this.#load = load;
    const { client } = legacyConfig();
    this.#ends.push(
      channel.onChange(() => this.#see()),
      client.on('channel', (status) => {
        if (status.channel !== channel.name) return;
        const isIn = status.state === 'ready' || status.state === 'joined';
        // What was missed during an interruption is delivered where the server counts messages.
        if (isIn && status.continuity !== 'recovered') void this.reload();
      }),
      client.on('state', (state) => {
        if (this.#loading === 'not yet' && NOT_CONNECTING.includes(state)) void this.reload();
      }),
    );
    channel.subscribe().then(
      () => {
        if (this.#loading === 'not yet') void this.reload();
      },
      (error: Error) => this.#show({ error, isLoading: false }),
    );
  }

  /** The status. */
  get status(): ListStatus {
    return this.#status;
  }

  /** Listens to changes of the status. */
  onChange(listener: () => void): Unsubscribe {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Also receives changes of rows that the server publishes on a channel of their own. */
  follow<T extends ListRow>(channel: string, handler: ListHandler<T>): Unsubscribe {
    const { client, supabase } = legacyConfig();
    if (supabase) return () => {};
    const quiet = { onError: () => {} };
    return client.subscribe<RowMessage>(channel, quiet, ({ row, key, mutation }, { event }) => {
      if (event === 'delete') handler.remove({ id: key ?? (row as ListRow | undefined)?.id });
      else if (row && (event === 'insert' || event === 'update')) {
        const own = mutation?.startsWith('temp-') ? { tempId: mutation } : {};
        handler.apply({ ...row, ...own } as ChangePayload<T>);
      }
    });
  }

  /** Loads it again; the promise settles when that has ended. */
  async reload(): Promise<void> {
    if (this.#life === 'closed') return;
    if (this.#loading === 'under way' || this.#loading === 'again') {
      // What the load under way has read may be of before.
      this.#loading = 'again';
      return;
    }
    do {
      this.#loading = 'under way';
      this.#handler.beginLoad();
      try {
        await this.#load();
        this.#show({ error: null });
      } catch (error) {
        this.#show({ error: error instanceof Error ? error : Error(String(error)) });
      } finally {
        this.#handler.endLoad();
      }
    } while (this.#again());
    this.#loading = 'done';
    this.#show({ isLoading: false });
  }

  /** Ends it. */
  close(): void {
    this.#life = 'closed';
    for (const end of this.#ends) end();
    void this.#channel.unsubscribe();
    this.#changes.removeAllListeners();
  }

  #again(): boolean {
    return this.#loading === 'again' && this.#life === 'open';
  }

  #see(): void {
    const { isConnected, error } = this.#channel.getState();
    this.#show({ isConnected, ...(error && { error, isLoading: false }) });
  }

  #show(changes: Partial<ListStatus>): void {
    const next = { ...this.#status, ...changes };
    const keys = Object.keys(next) as (keyof ListStatus)[];
    if (keys.every((key) => next[key] === this.#status[key])) return;
    this.#status = next;
    this.#changes.emit('change');
  }
}
