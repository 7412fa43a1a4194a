/** The session of one project: its channel, its rows and its presence. */
import type { RealtimeClient, Unsubscribe } from '../../index.js';
import { LegacyChannel } from '../channel.js';
import type { LegacyConfig } from '../index.js';
import type { ProjectKey } from '../session-store.js';
import { channelRegistry, projectChannel } from './channel-registry.js';
import { PresenceManager, type TrackedUser } from './presence-manager.js';
import { type ProjectContents, ProjectRows } from './project-rows.js';
import type { ConnectionQuality, ConnectionState, PresenceUser } from './types.js';

/** The state for components; the same object until something in it changes. */
export interface ProjectView extends ProjectContents {
  readonly presence: Readonly<Record<string, PresenceUser[]>>;
  readonly connectionState: ConnectionState;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

/** Whether a user is tracked; `waiting`: it will be, as soon as the channel is joined. */
type Tracking = { state: 'none' } | { state: 'waiting' | 'tracked'; user: TrackedUser };

/** The session of a project. It is opened by the constructor, and closed once. */
export class ProjectSession {
  readonly rows: ProjectRows;
  readonly presence = new PresenceManager();
  readonly #client: RealtimeClient;
  readonly #ends: Unsubscribe[] = [];
  #phase: 'open' | 'closed' = 'open';
  /** The channel from the registry, or the error with which that failed. */
  #channel: 'requested' | LegacyChannel | Error = 'requested';
  #failedPings = 0;
  #tracking: Tracking = { state: 'none' };

  constructor(
    config: LegacyConfig,
    readonly key: ProjectKey,
    readonly changed: () => void,
  ) {
    const { companyId, projectId } = key;
    const channel = projectChannel(companyId, projectId);
    this.#client = config.client;
    // All options of the channel at once, so that it is joined once.
    this.rows = new ProjectRows(config, projectId, channel, changed);
    this.presence.attachToChannel({ name: channel });
    this.presence.on('presenceSync', changed);
    this.#ends.push(
      config.client.on('channel', (status) => {
        if (status.channel !== channel) return;
        void this.#trackWaiting();
        changed();
      }),
      config.client.on('state', (_, { reason }) => {
        if (reason === 'heartbeat_timeout') this.#failedPings += 1;
        changed();
      }),
    );
    void this.#join();
  }

  get view(): ProjectView {
    const { error } = this;
    const { isLoading, contents } = this.rows;
    // `connected` means that the rows are loaded and the channel is joined.
    const state = this.#isJoined && !isLoading ? 'connected' : 'connecting';
    return {
      ...contents,
      presence: this.presence.presences,
      connectionState: error ? 'error' : state,
      isLoading: isLoading && !error,
      error,
    };
  }

  isFor({ companyId, projectId }: ProjectKey): boolean {
    const { key } = this;
    return key.projectId === projectId && key.companyId === companyId && !this.error;
  }

  get error(): Error | null {
    if (this.#channel instanceof Error) return this.#channel;
    return this.#client.state === 'failed' ? this.#client.error : this.rows.error;
  }

  get quality(): ConnectionQuality {
    const { quality } = this.#client;
    const { rtt, connectTime } = this.#client.getMetrics();
    const { channels } = this.#client.getChannelStats();
    const accessTimes = channels.map(({ lastAccessedAt }) => lastAccessedAt);
    return {
      lastSuccessfulPing: connectTime === null ? 0 : Math.max(connectTime, ...accessTimes),
      failedPings: this.#failedPings,
      averageLatency: rtt.p50 ?? rtt.last ?? 0,
      isStable: quality === 'excellent' || quality === 'good',
    };
  }

  /** Tracks a user on an interview, now or as soon as the channel is joined. */
  async track(user: TrackedUser): Promise<void> {
    this.#tracking = { state: 'waiting', user };
    await this.#trackWaiting();
  }

  async untrack(): Promise<void> {
    this.#tracking = { state: 'none' };
    if (this.#isJoined) await this.presence.untrackUser();
  }

  /** Sends a broadcast on the project's channel. Errors are ignored. */
  broadcast(event: string, payload: unknown): void {
    this.#client.send(`project-realtime-${this.key.projectId}`, payload, { event });
  }

  /** Closes the session. The channel stays open for a while. */
  close(): void {
    this.#phase = 'closed';
    for (const end of this.#ends) end();
    this.presence.destroy();
    this.rows.close();
    // A channel that is still being joined is released too.
    if (this.#channel instanceof Error) return;
    channelRegistry.releaseChannel(this.key.companyId, this.key.projectId);
  }

  get #isJoined(): boolean {
    return this.#channel instanceof LegacyChannel && this.#channel.state === 'joined';
  }

  async #join(): Promise<void> {
    const { companyId, projectId } = this.key;
    try {
      this.#channel = await channelRegistry.getOrCreateChannel(companyId, projectId);
    } catch (error) {
      this.#channel = error instanceof Error ? error : Error(String(error));
    }
    if (this.#phase === 'closed') return;
    this.changed();
    await this.#trackWaiting();
  }

  async #trackWaiting(): Promise<void> {
    if (this.#tracking.state !== 'waiting' || !this.#isJoined) return;
    const tracking: Tracking = { ...this.#tracking, state: 'tracked' };
    this.#tracking = tracking;
    try {
      // After an interruption the client sends the presence again itself.
      await this.presence.trackUser(tracking.user);
    } catch {
      // Retried at the channel's next change of status, unless the app has tracked or untracked meanwhile.
      if (this.#tracking === tracking) this.#tracking = { ...tracking, state: 'waiting' };
    }
  }
}
