/** A list that is loaded, and loaded anew whenever something may have been missed. */
import type { Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import type { ListHandler, ListRow, Told } from './list-handler.js';
import type { ManagedChannel } from './managed-channel.js';

/** How it stands; the same object until that changed. */
export interface Standing {
  readonly isLoading: boolean;
  /** Whether messages flow now. */
  readonly isConnected: boolean;
  readonly error: Error | null;
}

/** Whoever takes in what is loaded. */
interface Loading {
  beginLoad(): void;
  endLoad(): void;
}

/** A change of a row, where the server tells of rows. */
interface RowMessage {
  row?: object;
  key?: string;
  mutation?: string;
}

/** States of the connection in which nothing is to be waited for. */
const HOPELESS = ['reconnecting', 'offline', 'failed', 'paused'];

/** Subscribes a channel, and loads what its messages change. */
export class LiveList {
  readonly #channel: ManagedChannel;
  readonly #handler: Loading;
  readonly #load: () => Promise<void>;
  readonly #changes = new Listeners<'change'>();
  readonly #ends: Unsubscribe[] = [];
  #loading: 'not yet' | 'under way' | 'again' | 'done' = 'not yet';
  #standing: Standing = { isLoading: true, isConnected: false, error: null };
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
        if (this.#loading === 'not yet' && HOPELESS.includes(state)) void this.reload();
      }),
    );
    channel.subscribe().then(
      () => {
        if (this.#loading === 'not yet') void this.reload();
      },
      (error: Error) => this.#show({ error, isLoading: false }),
    );
  }

  /** How it stands. */
  get standing(): Standing {
    return this.#standing;
  }

  /** Told when it stands otherwise. */
  onChange(listener: () => void): Unsubscribe {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Where the server tells of rows by itself, on a channel of their own: takes that in too. */
  follow<T extends ListRow>(channel: string, handler: ListHandler<T>): Unsubscribe {
    const { client, supabase } = legacyConfig();
    if (supabase) return () => {};
    const quiet = { onError: () => {} };
    return client.subscribe<RowMessage>(channel, quiet, ({ row, key, mutation }, { event }) => {
      if (event === 'delete') handler.remove({ id: key ?? (row as ListRow | undefined)?.id });
      else if (row && (event === 'insert' || event === 'update')) {
        const own = mutation?.startsWith('temp-') ? { tempId: mutation } : {};
        handler.apply({ ...row, ...own } as Told<T>);
      }
    });
  }

  /** Loads it anew; settled when that has ended. */
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

  #show(changes: Partial<Standing>): void {
    const next = { ...this.#standing, ...changes };
    const keys = Object.keys(next) as (keyof Standing)[];
    if (keys.every((key) => next[key] === this.#standing[key])) return;
    this.#standing = next;
    this.#changes.emit('change');
  }
}
