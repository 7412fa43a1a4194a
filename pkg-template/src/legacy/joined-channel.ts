/** A channel of the shared client, for the legacy classes. */
import type { Channel, ChannelOptions, Unsubscribe } from '../index.js';
import { LegacyChannel } from './channel.js';
import { legacyConfig } from './index.js';

/** A joined channel, until it is left. After interruptions it is joined again automatically. */
export class JoinedChannel {
  readonly client = legacyConfig().client;
  readonly handle: Channel;
  readonly channel: LegacyChannel;
  readonly #ends: Unsubscribe[];

  /** @param changed called with each change of its state or of the connection */
  constructor(name: string, options: ChannelOptions | undefined, changed: () => void) {
    const { client } = this;
    this.handle = client.channel(name, { onError: changed, ...options });
    this.channel = new LegacyChannel(client, this.handle);
    this.#ends = [
      client.on('channel', ({ channel }) => channel === name && changed()),
      client.on('state', changed),
    ];
  }

  /** Whether it has failed, or was left by its own `unsubscribe`: a new object must then be created to join again. */
  get isOver(): boolean {
    const { state } = this.handle;
    return state === 'failed' || state === 'left';
  }

  /** The error with which the channel or the client failed. */
  get error(): Error | null {
    const { client, handle } = this;
    // A channel does not report the failure of the client.
    return handle.error ?? (client.state === 'failed' ? client.error : null);
  }

  leave(): void {
    for (const end of this.#ends) end();
    this.handle.release();
  }
}
