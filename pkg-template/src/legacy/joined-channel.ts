/** A channel that is counted: joined by its first user, and left by the last one. */
import type { Channel, ChannelOptions, RealtimeClient, Unsubscribe } from '../index.js';
import { LegacyChannel } from './channel.js';
import { type LegacyConfig, legacyConfig } from './index.js';
import { type Listener, Listeners } from './listeners.js';

/** Which channel, and how. */
export interface ChannelConfig {
  /** Its name. */
  name: string;
  /** Supabase: whether it knows who is present. Default `false`. */
  presence?: boolean;
  /** Whether `send` waits for the server's acknowledgement. Default `false`. */
  ack?: boolean;
  /** Whether own messages are received. Default `false`. */
  selfBroadcast?: boolean;
}

/** The state of a channel. */
export interface ChannelState {
  /** Whether messages flow now. */
  isConnected: boolean;
  /** Whether the channel is joined. */
  isSubscribed: boolean;
  /** Whether it is being joined. */
  isSubscribing: boolean;
  /** Why it failed. */
  error?: Error;
}

/** What an open channel holds. */
interface Open {
  client: RealtimeClient;
  handle: Channel;
  channel: LegacyChannel;
  ends: Unsubscribe[];
}

/** It joins again by itself after whatever interrupted it. */
export class JoinedChannel {
  readonly name: string;
  protected config: Required<Omit<ChannelConfig, 'name'>>;
  readonly #persistent: ChannelOptions;
  readonly #changes = new Listeners<'change'>();
  #open: Open | undefined;
  #subscribers = 0;

  /** @param persistent whether it stays joined for a while without users */
  constructor(
    { name, presence = false, ack = false, selfBroadcast = false }: ChannelConfig,
    persistent: Pick<ChannelOptions, 'persistent'> = {},
  ) {
    this.name = name;
    this.config = { presence, ack, selfBroadcast };
    this.#persistent = persistent;
  }

  /** Merges the options of another user of the channel. */
  configure({ presence, ack, selfBroadcast }: ChannelConfig): void {
    const before = this.config;
    this.config = {
      presence: before.presence || !!presence,
      ack: before.ack || !!ack,
      selfBroadcast: before.selfBroadcast || !!selfBroadcast,
    };
    const former = this.#open;
    if (!former || JSON.stringify(before) === JSON.stringify(this.config)) return;
    // The new one is opened before the old one is released, so that the channel is not left.
    this.#open = this.#join();
    end(former);
  }

  /** Joins the channel; settled once it is joined, or it became clear that it will not be. */
  subscribe(): Promise<void> {
    this.#subscribers += 1;
    // A channel that has failed, or was left by its own unsubscribe, is joined again.
    if (/failed|left/.test(this.#open?.handle.state ?? '')) this.#leave();
    this.joined();
    const joined = new Promise<void>((resolve, reject) => {
      const off = this.onChange(() => look());
      const look = (): void => {
        const { isSubscribed, isSubscribing, error } = this.getState();
        if (isSubscribing && !error) return;
        off();
        if (error && !isSubscribed) reject(error);
        else resolve();
      };
      look();
    });
    // It may be left unhandled: `getState` and `onError` report the same.
    joined.catch(() => {});
    return joined;
  }

  /** Gives it back. The last one leaves the channel, and all handlers go. */
  async unsubscribe(): Promise<void> {
    if (!this.#subscribers) return;
    this.#subscribers -= 1;
    if (!this.#subscribers) this.close();
  }

  /** Leaves the channel for all of its users. */
  close(): void {
    this.#subscribers = 0;
    this.#leave();
    this.changed();
  }

  /** Returns the options with which its channel is joined, for others who open it too. */
  joinOptions({ supabase }: LegacyConfig): ChannelOptions | undefined {
    const { presence, ack, selfBroadcast } = this.config;
    return supabase && { presence, broadcast: { ack, self: selfBroadcast } };
  }

  /** Listens to changes of its state. */
  onChange(listener: Listener): Unsubscribe {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Returns its state. */
  getState(): ChannelState {
    const { client, handle } = this.#open ?? {};
    const isIn = handle?.state === 'joined' || handle?.state === 'ready';
    const error = handle?.error ?? (client?.state === 'failed' ? client.error : null);
    return {
      isConnected: isIn && client?.isReady() === true,
      isSubscribed: isIn,
      isSubscribing: handle?.state === 'joining',
      ...(error && { error }),
    };
  }

  /** The channel with Supabase's methods, while there is one. */
  get channel(): LegacyChannel | null {
    return this.#open?.channel ?? null;
  }

  /** The same; joined, if it was not. */
  protected joined(): LegacyChannel {
    this.#open ??= this.#join();
    return this.#open.channel;
  }

  /** The handle, while there is one. */
  protected get handle(): Channel | undefined {
    return this.#open?.handle;
  }

  /** Adds listeners to a handle. */
  protected listen(_handle: Channel): void {}

  /** The channel failed. */
  protected failed(_error: Error): void {
    this.changed();
  }

  /** Notifies the listeners of its state. */
  protected changed(): void {
    this.#changes.emit('change');
  }

  #leave(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) end(open);
  }

  #join(): Open {
    const config = legacyConfig();
    const { client } = config;
    const handle = client.channel(this.name, {
      onError: (error) => this.failed(error),
      ...this.#persistent,
      ...this.joinOptions(config),
    });
    this.listen(handle);
    const changed = (): void => this.changed();
    const ends = [
      client.on('channel', ({ channel }) => channel === this.name && changed()),
      client.on('state', changed),
    ];
    return { client, handle, channel: new LegacyChannel(client, handle), ends };
  }
}

function end({ ends, handle }: Open): void {
  for (const off of ends) off();
  handle.release();
}
