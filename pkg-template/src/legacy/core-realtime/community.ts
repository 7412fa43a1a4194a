/** What people say about bills. */
import { billIdOf, type Fields, fieldsOf, isFields, oneOf, textOf, timestampOf } from './fields.js';
import { Newest } from './newest.js';
import { ObservedService } from './observed.js';
import { discussionTopic, EXPERT_UPDATES, MODERATION_EVENTS } from './topics.js';
import type {
  BillId,
  CommentUpdate,
  CommunityStats,
  CommunityUpdate,
  TypingIndicator,
  VoteUpdate,
  WebSocketMessage,
} from './types.js';

/** Comments held, and votes. */
const LIMIT = 100;

/** How long an indicator is believed that came as a message, in milliseconds: as long as the client believes one. */
const BELIEVED_MS = 6_000;

const ACTIONS = ['created', 'updated', 'deleted'] as const;
const VOTES = ['support', 'oppose', 'neutral'] as const;

/** An indicator with the time until which it holds. */
interface Held {
  indicator: TypingIndicator;
  until: number;
}

/** The name of the thread in which somebody types. */
export const threadOf = (billId: BillId, parentId?: string): string =>
  `${billId}_${parentId || 'root'}`;

/** A discussion as it is named to the outside. */
const nameOf = (billId: BillId): string => `bill_${billId}`;

/** The bill of a discussion's name, or of a bill. */
const billOf = (discussion: BillId): BillId =>
  billIdOf(String(discussion).replace(/^bill_/, '')) ?? discussion;

/** The community on whose topic it came. */
const communityOf = ({ topic }: WebSocketMessage): string | undefined =>
  topic?.match(/^community:(.+)/)?.[1];

/** What a message is about, without what tells where it belongs. */
function contentOf(message: WebSocketMessage, fields: Fields): Fields {
  if (isFields(message.data)) return message.data;
  const { type: _, topic: __, ...content } = fields;
  return content;
}

/**
 * Comments, votes and typing in the discussions that are subscribed to, and what experts and the moderation do.
 *
 * @deprecated Use the service `community` of `tidewire/services`, or `client.channel` and its `typing` of `tidewire`.
 */
export class CommunityService extends ObservedService {
  /** The ids of the subscriptions and their topics, by the discussion's name or the topic. */
  readonly #subscriptions = new Map<string, [id: string, topic: string]>();
  readonly #comments = new Newest<CommentUpdate>(LIMIT);
  readonly #votes = new Newest<VoteUpdate>(LIMIT);
  #typing = new Map<string, readonly Held[]>();

  /** Nothing needs to be begun; kept for its callers. */
  async initialize(): Promise<void> {}

  /** Ends all subscriptions and forgets what came. */
  async shutdown(): Promise<void> {
    for (const name of [...this.#subscriptions.keys()]) this.#leave(name);
    this.#comments.set([]);
    this.#votes.set([]);
    this.#typing = new Map();
    this.changed();
  }

  /** Subscribes to the discussion about a bill; returns the subscription's id. */
  subscribeToDiscussion(billId: BillId): string {
    return this.#enter(nameOf(billId), discussionTopic(billId));
  }

  /** Ends it, by `bill_{id}` or the bill's id. */
  unsubscribeFromDiscussion(discussion: BillId): void {
    const bill = billOf(discussion);
    this.#leave(nameOf(bill));
    for (const [thread, held] of this.#typing) {
      if (held.some(({ indicator }) => indicator.billId === bill)) this.#typing.delete(thread);
    }
  }

  /** Subscribes to what experts do; returns the subscription's id. */
  subscribeToExpertUpdates(): string {
    return this.#enter(EXPERT_UPDATES, EXPERT_UPDATES);
  }

  /** Subscribes to what the moderation does; returns the subscription's id. */
  subscribeToModerationEvents(): string {
    return this.#enter(MODERATION_EVENTS, MODERATION_EVENTS);
  }

  /** The discussions subscribed to, as `bill_{id}`. */
  getSubscribedDiscussions(): string[] {
    return [...this.#subscriptions.keys()].filter((name) => name.startsWith('bill_'));
  }

  /**
   * Says that this user types. Call it with every key: it is said rarely, and is over five seconds after the
   * last call.
   */
  sendTypingIndicator(billId: BillId, parentId?: string): void {
    this.#say('typing_start', { billId, parentId });
  }

  /** Says that it is over. */
  stopTypingIndicator(billId: BillId, parentId?: string): void {
    this.#say('typing_stop', { billId, parentId });
  }

  /** Tells the others in the discussion of a comment. */
  sendCommentUpdate(billId: BillId, comment: Fields): void {
    this.#say('comment_update', { billId, ...comment });
  }

  /** Tells the others in the discussion of a vote. */
  sendVoteUpdate(billId: BillId, vote: Fields): void {
    this.#say('vote_update', { billId, ...vote });
  }

  /** Who types in a thread now. */
  getTypingIndicators(billId: BillId, parentId?: string): TypingIndicator[] {
    const now = Date.now();
    const held = this.#typing.get(threadOf(billId, parentId)) ?? [];
    return held.filter(({ until }) => until > now).map(({ indicator }) => indicator);
  }

  /** Who types, by thread: `{billId}_{parentId or 'root'}`. */
  getAllTypingIndicators(): Map<string, TypingIndicator[]> {
    const all = new Map<string, TypingIndicator[]>();
    for (const [thread, held] of this.#typing) {
      const now = Date.now();
      const indicators = held.filter(({ until }) => until > now).map((each) => each.indicator);
      if (indicators.length) all.set(thread, indicators);
    }
    return all;
  }

  /** Whether somebody is believed to type whose end nobody may tell of: then time tells. */
  believes(): boolean {
    const now = Date.now();
    return [...this.#typing.values()]
      .flat()
      .some(({ until }) => until > now && Number.isFinite(until));
  }

  /** The newest comments, newest first. At most 100 are held. */
  getRecentComments(limit = 20): CommentUpdate[] {
    return this.#comments.items.slice(0, limit);
  }

  /** The newest votes, newest first. At most 100 are held. */
  getRecentVotes(limit = 20): VoteUpdate[] {
    return this.#votes.items.slice(0, limit);
  }

  /** How many subscriptions it has. */
  getSubscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Counts of what it holds. */
  getStats(): CommunityStats {
    return {
      subscribedDiscussions: this.getSubscribedDiscussions().length,
      subscribedExperts: Number(this.#subscriptions.has(EXPERT_UPDATES)),
      activeTypingIndicators: [...this.getAllTypingIndicators().values()].flat().length,
      recentComments: this.#comments.items.length,
      recentVotes: this.#votes.items.length,
    };
  }

  renew(): void {
    for (const [name, [, topic]] of this.#subscriptions) {
      this.#subscriptions.set(name, [this.manager.subscribe(topic, this.take), topic]);
    }
  }

  handleMessage(message: WebSocketMessage): void {
    const fields = fieldsOf(message);
    const billId = billIdOf(fields.billId);
    const timestamp = timestampOf(fields.timestamp);
    const userId = textOf(fields.userId) ?? 'unknown';
    switch (message.type) {
      case 'typing_indicator':
        if (billId !== undefined) this.#type(message, fields, { userId, billId, timestamp });
        break;
      case 'comment_update': {
        if (billId === undefined) break;
        const parentId = textOf(fields.parentId);
        const comment: CommentUpdate = {
          commentId: textOf(fields.commentId) ?? textOf(fields.id) ?? `comment_${Date.now()}`,
          billId,
          ...(parentId !== undefined && { parentId }),
          action: oneOf(fields.action, ACTIONS) ?? 'created',
          data: contentOf(message, fields),
          timestamp,
        };
        this.#comments.add(comment);
        this.changed('commentUpdate', comment);
        break;
      }
      case 'vote_update': {
        if (billId === undefined) break;
        const inner = isFields(message.data) ? message.data.type : undefined;
        const voteType = oneOf(fields.voteType ?? fields.vote ?? inner, VOTES) ?? 'neutral';
        const vote: VoteUpdate = { billId, userId, voteType, timestamp };
        this.#votes.add(vote);
        this.changed('voteUpdate', vote);
        break;
      }
      case 'community_update':
      case 'expert_activity':
      case 'moderation_event': {
        const update: CommunityUpdate = {
          type: message.type,
          discussionId: textOf(fields.discussionId) ?? communityOf(message) ?? 'general',
          data: contentOf(message, fields),
          timestamp,
        };
        this.changed('communityUpdate', update);
        break;
      }
    }
  }

  #type(
    message: WebSocketMessage,
    fields: Fields,
    about: Pick<TypingIndicator, 'userId' | 'billId' | 'timestamp'>,
  ): void {
    const parentId = textOf(fields.parentId);
    const isTyping = fields.isTyping !== false;
    const indicator = { ...about, ...(parentId !== undefined && { parentId }), isTyping };
    const thread = threadOf(about.billId, parentId);
    const others = (this.#typing.get(thread) ?? []).filter(
      (held) => held.indicator.userId !== about.userId,
    );
    // The client says itself when somebody stopped; a mere message may be the last one heard of them.
    const until = message.is_followed ? Number.POSITIVE_INFINITY : Date.now() + BELIEVED_MS;
    const held = isTyping ? [...others, { indicator, until }] : others;
    if (held.length) this.#typing.set(thread, held);
    else this.#typing.delete(thread);
    this.changed('typingIndicator', indicator);
  }

  #say(type: string, data: Fields): void {
    this.manager.send({ type, data: { ...data, timestamp: new Date().toISOString() } });
  }

  #enter(name: string, topic: string): string {
    const known = this.#subscriptions.get(name);
    if (known) return known[0];
    const id = this.manager.subscribe(topic, this.take) ?? name;
    this.#subscriptions.set(name, [id, topic]);
    this.changed();
    return id;
  }

  #leave(name: string): void {
    const known = this.#subscriptions.get(name);
    if (!known) return;
    this.#subscriptions.delete(name);
    this.manager.unsubscribe(known[0]);
    this.changed();
  }
}
