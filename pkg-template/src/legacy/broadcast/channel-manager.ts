import { type ChannelConfig, ManagedChannel } from './managed-channel.js';

/**
 * The page's channels by name.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export class ChannelManager {
  readonly #channels = new Map<string, ManagedChannel>();

  /** Returns the channel of this name; the same one until it is removed. Further options are merged into it. */
  getChannel(config: ChannelConfig): ManagedChannel {
    const known = this.#channels.get(config.name);
    if (known) {
      known.configure(config);
      return known;
    }
    const channel = new ManagedChannel(config);
    this.#channels.set(config.name, channel);
    return channel;
  }

  removeChannel(name: string): void {
    this.#channels.get(name)?.close();
    this.#channels.delete(name);
  }

  cleanup(): void {
    for (const name of [...this.#channels.keys()]) this.removeChannel(name);
  }
}

/**
 * The page's manager.
 *
 * @deprecated Use `client.channel(name)` of `tidewire`.
 */
export const channelManager: ChannelManager = /* @__PURE__ */ new ChannelManager();
