/** A store of a channel's handle. */
import type {
  Channel,
  ChannelOptions,
  Continuity,
  RealtimeClient,
  RealtimeError,
} from '../index.js';
import type { ChannelName } from './channel-options.js';
import { attempt, isAlive } from './errors.js';
import { Store } from './store.js';

/** Whether a channel works. */
export interface ChannelHealth {
  /** Whether the channel missed messages. */
  readonly continuity: Continuity;
  /** Why the channel failed, if it did. */
  readonly error: RealtimeError | null;
}

/** @deprecated Use {@link ChannelHealth}. */
export type ChannelStanding = ChannelHealth;

/** The health of a channel before it is opened. */
export const INITIAL_HEALTH: ChannelHealth = { continuity: 'fresh', error: null };

/** A store with a channel handle, which is open while the store has listeners. */
export abstract class ChannelStore<S extends ChannelHealth> extends Store<S> {
  #handle: Channel | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(
    protected readonly client: RealtimeClient,
    protected readonly channel: ChannelName,
    protected readonly options?: ChannelOptions,
  ) {
    super();
  }

  /** Adds the listeners of the handle's events. */
  protected abstract listen(handle: Channel): void;

  /** Reads the channel's present state, besides its health. */
  protected read(_handle: Channel): Partial<S> {
    return {};
  }

  /** The handle, unless the client is destroyed. */
  protected get handle(): Channel | undefined {
    return isAlive(this.client) ? this.#handle : undefined;
  }

  protected open(): void {
    const { client, channel, options } = this;
    if (!channel) return;
    const onError = (error: RealtimeError): void => {
      this.refresh();
      options?.onError?.(error);
    };
    attempt(
      () => {
        const handle = client.channel(channel, { ...options, onError });
        this.#handle = handle;
        this.#stopWatching = client.on('channel', (status) => {
          if (status.channel === channel) this.refresh(status.reason);
        });
        this.listen(handle);
        this.refresh();
      },
      (error) => {
        this.show({ error } as Partial<S>);
        options?.onError?.(error);
      },
    );
  }

  protected close(): void {
    this.#stopWatching?.();
    this.#handle?.release();
    this.#handle = undefined;
  }

  /** Updates the snapshot from the handle; `reason` is that of a change reported by the client. */
  protected refresh(_reason?: string): void {
    const handle = this.#handle;
    if (!handle) return;
    const { continuity, error } = handle;
    this.show({ ...this.read(handle), continuity, error });
  }
}
