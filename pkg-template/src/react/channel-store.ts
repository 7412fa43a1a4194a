/** A channel's handle, and what is shown of it. */
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

/** How a channel stands. */
export interface ChannelStanding {
  /** Whether the channel missed something. */
  readonly continuity: Continuity;
  /** Why the channel failed, if it did. */
  readonly error: RealtimeError | null;
}

/** Before anything is known of a channel. */
export const STANDING: ChannelStanding = { continuity: 'fresh', error: null };

/** Holds a handle while somebody listens. */
export abstract class ChannelStore<S extends ChannelStanding> extends Store<S> {
  #handle: Channel | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(
    protected readonly client: RealtimeClient,
    protected readonly channel: ChannelName,
    protected readonly options?: ChannelOptions,
  ) {
    super();
  }

  /** Listens to what it shows. */
  protected abstract listen(handle: Channel): void;

  /** What the channel says now, besides how it stands. */
  protected read(_handle: Channel): Partial<S> {
    return {};
  }

  /** The handle, as long as it can be used. */
  protected get handle(): Channel | undefined {
    return isAlive(this.client) ? this.#handle : undefined;
  }

  protected open(): void {
    const { client, channel, options } = this;
    if (!channel) return;
    const onError = (error: RealtimeError): void => {
      options?.onError?.(error);
      this.refresh();
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
        options?.onError?.(error);
        this.show({ error } as Partial<S>);
      },
    );
  }

  protected close(): void {
    this.#stopWatching?.();
    this.#handle?.release();
    this.#handle = undefined;
  }

  /** Shows how the channel stands now; the reason is that of a change reported by the client. */
  protected refresh(_reason?: string): void {
    const handle = this.#handle;
    if (!handle) return;
    const { continuity, error } = handle;
    this.show({ ...this.read(handle), continuity, error });
  }
}
