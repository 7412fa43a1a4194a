/** Events of the community, each on a channel of its name. */
import type { RealtimeClient, Unsubscribe } from '../../../index.js';
import { closing, opening } from '../../connection.js';
import { legacyConfig } from '../../index.js';
import type { BillId } from '../index.js';

export type CommunityHandler = (data: Record<string, unknown>) => void;

export type DiscussionHandler = (event: string, data: Record<string, unknown>) => void;

/**
 * Publishes and receives events: `typing:start`, `typing:stop`, `comment:update:{billId}`, `vote:update:{billId}`,
 * `expert:updates`, `moderation:events`, `community:analytics`, and any of the app's own.
 *
 * @deprecated Use `channel.on` and `channel.send` of `tidewire`; for typing `channel.typing`.
 */
export class CommunityWebSocketManager {
  readonly #subscriptions = new Set<Unsubscribe>();

  /** @param _url not used: the client's `url` is the address of the only socket */
  // biome-ignore lint/complexity/noUselessConstructor: the address was part of the signature
  constructor(_url = '/ws/community') {}

  /** Connects, with a token if one is given. Rejects if this attempt fails. */
  async connect(token?: string): Promise<void> {
    const client = this.#client();
    if (token !== undefined) client.setToken(token);
    client.connect();
    await opening(client, ['ready']);
  }

  /** Ends all subscriptions of this manager, and closes the connection unless others need it. */
  disconnect(): void {
    for (const end of [...this.#subscriptions]) end();
    closing(this.#client());
  }

  isConnected(): boolean {
    return this.#client().isReady();
  }

  /** Subscribes to an event; returns the function that unsubscribes. */
  subscribe(event: string, handler: CommunityHandler): Unsubscribe {
    const leave = this.#client().subscribe<Record<string, unknown>>(event, {}, (data) =>
      handler(data),
    );
    const end = (): void => {
      this.#subscriptions.delete(end);
      leave();
    };
    this.#subscriptions.add(end);
    return end;
  }

  /** Publishes an event. It is queued while there is no connection. */
  publish(event: string, data: Record<string, unknown>): void {
    this.#client()
      .send(event, data)
      .acked.catch((error) => console.error(`${event} was not published:`, error));
  }

  /** Subscribes to the comments, votes and typing in the discussion about a bill. */
  subscribeToDiscussion(billId: BillId, handler: DiscussionHandler): Unsubscribe {
    const typing = (event: string) => (data: Record<string, unknown>) => {
      if (String(data.billId) === String(billId)) handler(event, data);
    };
    const ends = [
      ...[`comment:update:${billId}`, `vote:update:${billId}`].map((event) =>
        this.subscribe(event, (data) => handler(event, data)),
      ),
      ...['typing:start', 'typing:stop'].map((event) => this.subscribe(event, typing(event))),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  subscribeToExpertUpdates(handler: CommunityHandler): Unsubscribe {
    return this.subscribe('expert:updates', handler);
  }

  subscribeToModerationEvents(handler: CommunityHandler): Unsubscribe {
    return this.subscribe('moderation:events', handler);
  }

  subscribeToCommunityAnalytics(handler: CommunityHandler): Unsubscribe {
    return this.subscribe('community:analytics', handler);
  }

  /** Publishes that this user is typing. */
  sendTypingIndicator(billId: BillId, parentId?: string): void {
    this.publish('typing:start', { billId, ...(parentId !== undefined && { parentId }) });
  }

  stopTypingIndicator(billId: BillId, parentId?: string): void {
    this.publish('typing:stop', { billId, ...(parentId !== undefined && { parentId }) });
  }

  sendCommentUpdate(billId: BillId, comment: Record<string, unknown>): void {
    this.publish(`comment:update:${billId}`, { billId, ...comment });
  }

  sendVoteUpdate(billId: BillId, vote: Record<string, unknown>): void {
    this.publish(`vote:update:${billId}`, { billId, ...vote });
  }

  #client(): RealtimeClient {
    return legacyConfig().client;
  }
}

/**
 * The page's manager.
 *
 * @deprecated Use `realtimeClient` of `tidewire`.
 */
export const communityWebSocketManager: CommunityWebSocketManager =
  /* @__PURE__ */ new CommunityWebSocketManager();
