/** The channels of projects, with reference counts and the methods of the legacy registry. */

import { RegistryName } from '../../generated/facade.js';
import type { LegacyChannel } from '../channel.js';
import { legacyConfig } from '../index.js';
import { ConnectionManager, type ConnectionStats } from './connection-manager.js';
import type { ConnectionState } from './types.js';

export interface RegistryChannelStats {
  key: string;
  companyId: string;
  projectId?: string;
  state: ConnectionState;
  stats: ConnectionStats;
  /** When it was opened, in milliseconds since 1970. */
  createdAt: number;
  /** When it was last used, in milliseconds since 1970. */
  lastAccessedAt: number;
  referenceCount: number;
}

interface Entry extends Omit<RegistryChannelStats, 'key' | 'projectId' | 'state' | 'stats'> {
  manager: ConnectionManager;
  projectId: string | undefined;
}

/** Returns the channel's name of a company, or of one of its projects. */
export const projectChannel = (companyId: string, projectId?: string): string =>
  RegistryName.Company + companyId + (projectId ? RegistryName.Project + projectId : '');

const isOpen = (key: string): boolean =>
  legacyConfig()
    .client.getChannelStats()
    .channels.some((channel) => channel.key === key);

/**
 * Channels that stay open without users for the client's `idleChannelTtlMs`, and of which at most its `maxChannels`
 * are open at once.
 *
 * @deprecated Use `client.channel(name, { persistent: true })` of `tidewire`.
 */
export class ChannelRegistry {
  readonly #entries = new Map<string, Entry>();

  /**
   * Returns the channel once it is joined, and counts the caller as a user. Concurrent calls return the same one.
   *
   * @throws RealtimeError `channel_limit` if the maximum number of channels is in use; or the error of the join
   */
  async getOrCreateChannel(companyId: string, projectId?: string): Promise<LegacyChannel> {
    const key = projectChannel(companyId, projectId);
    const entry = this.#entries.get(key) ?? {
      manager: new ConnectionManager(key),
      companyId,
      projectId,
      createdAt: Date.now(),
      lastAccessedAt: 0,
      referenceCount: 0,
    };
    this.#entries.set(key, entry);
    entry.lastAccessedAt = Date.now();
    entry.referenceCount += 1;
    try {
      await entry.manager.connect();
    } catch (error) {
      // The caller may have released it already.
      if (entry.referenceCount) entry.referenceCount -= 1;
      // Without users, the entry of the failed attempt is removed too.
      if (!entry.referenceCount) this.#drop(key, entry);
      throw error;
    }
    const channel = entry.manager.getChannel();
    if (!channel) throw Error(`The channel ${key} was closed while it was joined.`);
    return channel;
  }

  /** Releases the channel. It stays open for a while. */
  releaseChannel(companyId: string, projectId?: string): void {
    const entry = this.#entries.get(projectChannel(companyId, projectId));
    if (!entry?.referenceCount) return;
    entry.referenceCount -= 1;
    entry.lastAccessedAt = Date.now();
    // From now on the client keeps it open, and closes it after `idleChannelTtlMs`.
    if (!entry.referenceCount) void entry.manager.disconnect();
  }

  /** Closes the channel for all of its users. */
  async closeChannel(companyId: string, projectId?: string): Promise<void> {
    const key = projectChannel(companyId, projectId);
    const entry = this.#entries.get(key);
    if (entry) this.#drop(key, entry);
  }

  async closeAllChannels(): Promise<void> {
    for (const [key, entry] of [...this.#entries]) this.#drop(key, entry);
  }

  /** Returns the open channels, in the order in which they were opened. */
  getChannelStats(): { totalChannels: number; channels: RegistryChannelStats[] } {
    const channels = [...this.#entries].flatMap(([key, entry]): RegistryChannelStats[] => {
      // The client has closed a channel that was idle for too long.
      if (!entry.referenceCount && !isOpen(key)) {
        this.#entries.delete(key);
        return [];
      }
      const { manager, projectId, ...shown } = entry;
      const state = entry.referenceCount ? manager.getState() : 'connected';
      const stats = manager.getStats();
      return [{ key, ...shown, ...(projectId && { projectId }), state, stats }];
    });
    return { totalChannels: channels.length, channels };
  }

  destroy(): void {
    void this.closeAllChannels();
  }

  #drop(key: string, { manager }: Entry): void {
    this.#entries.delete(key);
    manager.destroy();
    // An idle time of 0 makes the client leave the channel at once.
    if (isOpen(key)) legacyConfig().client.subscribe(key, { persistent: true, idleTtlMs: 0 })();
  }
}

/**
 * The page's registry.
 *
 * @deprecated Use `client.channel(name, { persistent: true })` of `tidewire`.
 */
export const channelRegistry: ChannelRegistry = /* @__PURE__ */ new ChannelRegistry();
