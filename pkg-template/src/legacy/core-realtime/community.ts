/** The service of the community around bills. */

import { TYPING_EXPIRY_MS } from '../../generated/facade.js';
import { billIdOf, type Fields, fieldsOf, isFields, oneOf, textOf, timestampOf } from './fields.js';
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

/** The number of comments, and of votes, that are kept. */
export const LIMIT = 100;

const ACTIONS = ['created', 'updated', 'deleted'] as const;
const VOTES = ['support', 'oppose', 'neutral'] as const;

/** An indicator with its thread and its expiry time. */
interface ActiveTyping {
  indicator: TypingIndicator;
  thread: string;
  until: number;
}

export const threadOf = (billId: BillId, parentId?: string): string =>
  `${billId}_${parentId || 'root'}`;

/** Returns the public name of a discussion. */
const nameOf = (billId: BillId): string => `bill_${billId}`;

/** Returns the bill of a discussion's name, or of a bill. */
const billOf = (discussion: BillId): BillId =>
  billIdOf(String(discussion).replace(/^bill_/, '')) ?? discussion;

const communityOf = ({ topic }: WebSocketMessage): string | undefined =>
  topic?.match(/^community:(.+)/)?.[1];

/** Returns the content of a message, without its type and topic. */
function contentOf(message: WebSocketMessage, fields: Fields): Fields {
  if (isFields(message.data)) return message.data;
  const { type: _, topic: __, ...content } = fields;
  return content;
}

/**
 * Comments, votes and typing in the subscribed discussions, and the updates of experts and moderators.
 *
 * @deprecated Use the service `community` of `tidewire/services`, or `client.channel` and its `typing` of `tidewire`.
 */
export class CommunityService extends ObservedService {
  #comments: readonly CommentUpdate[] = [];
  #votes: readonly VoteUpdate[] = [];
  #typing: readonly ActiveTyping[] = [];

  async shutdown(): Promise<void> {
    for (const name of this.keys) this.leave(name);
    this.#comments = [];
    this.#votes = [];
    this.#typing = [];
    this.changed();
  }

  subscribeToDiscussion(billId: BillId): string {
    return this.enter(nameOf(billId), discussionTopic(billId));
  }

  /** Unsubscribes, by `bill_{id}` or the bill's id. */
  unsubscribeFromDiscussion(discussion: BillId): void {
    const bill = billOf(discussion);
    this.leave(nameOf(bill));
    this.#typing = this.#typing.filter(({ indicator }) => indicator.billId !== bill);
  }

  subscribeToExpertUpdates(): string {
    return this.enter(EXPERT_UPDATES, EXPERT_UPDATES);
  }

  subscribeToModerationEvents(): string {
    return this.enter(MODERATION_EVENTS, MODERATION_EVENTS);
  }

  /** The discussions subscribed to, as `bill_{id}`. */
  getSubscribedDiscussions(): string[] {
    return this.keys.map(String).filter((name) => name.startsWith('bill_'));
  }

  /**
   * Sends that this user is typing. Call it on every keystroke: it is throttled, and expires some seconds after the
   * last call.
   */
  sendTypingIndicator(billId: BillId, parentId?: string): void {
    this.send('typing_start', { billId, parentId });
  }

  /** Sends that this user has stopped typing. */
  stopTypingIndicator(billId: BillId, parentId?: string): void {
    this.send('typing_stop', { billId, parentId });
  }

  sendCommentUpdate(billId: BillId, comment: Fields): void {
    this.send('comment_update', { billId, ...comment });
  }

  sendVoteUpdate(billId: BillId, vote: Fields): void {
    this.send('vote_update', { billId, ...vote });
  }

  getTypingIndicators(billId: BillId, parentId?: string): TypingIndicator[] {
    return this.getAllTypingIndicators().get(threadOf(billId, parentId)) ?? [];
  }

  /** Returns the typing indicators by thread: `{billId}_{parentId or 'root'}`. */
  getAllTypingIndicators(): Map<string, TypingIndicator[]> {
    const all = new Map<string, TypingIndicator[]>();
    for (const { thread, indicator } of this.#active()) {
      all.set(thread, [...(all.get(thread) ?? []), indicator]);
    }
    return all;
  }

  /** Whether there is an indicator that ends only when it expires. */
  hasExpiring(): boolean {
    return this.#active().some(({ until }) => Number.isFinite(until));
  }

  /** The newest comments, newest first. At most 100 are kept. */
  getRecentComments(limit = 20): CommentUpdate[] {
    return this.#comments.slice(0, limit);
  }

  /** The newest votes, newest first. At most 100 are kept. */
  getRecentVotes(limit = 20): VoteUpdate[] {
    return this.#votes.slice(0, limit);
  }

  getStats(): CommunityStats {
    return {
      subscribedDiscussions: this.getSubscribedDiscussions().length,
      subscribedExperts: Number(this.keys.includes(EXPERT_UPDATES)),
      activeTypingIndicators: this.#active().length,
      recentComments: this.#comments.length,
      recentVotes: this.#votes.length,
    };
  }

  handleMessage(message: WebSocketMessage): void {
    const fields = fieldsOf(message);
    const billId = billIdOf(fields.billId);
    const timestamp = timestampOf(fields.timestamp);
    const userId = textOf(fields.userId) ?? 'unknown';
    switch (message.type) {
      case 'typing_indicator':
        if (billId !== undefined)
          this.#receiveTyping(message, fields, { userId, billId, timestamp });
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
        this.#comments = [comment, ...this.#comments].slice(0, LIMIT);
        this.changed('commentUpdate', comment);
        break;
      }
      case 'vote_update': {
        if (billId === undefined) break;
        const inner = isFields(message.data) ? message.data.type : undefined;
        const voteType = oneOf(fields.voteType ?? fields.vote ?? inner, VOTES) ?? 'neutral';
        const vote: VoteUpdate = { billId, userId, voteType, timestamp };
        this.#votes = [vote, ...this.#votes].slice(0, LIMIT);
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

  #receiveTyping(
    message: WebSocketMessage,
    fields: Fields,
    about: Pick<TypingIndicator, 'userId' | 'billId' | 'timestamp'>,
  ): void {
    const parentId = textOf(fields.parentId);
    const isTyping = fields.isTyping !== false;
    const indicator = { ...about, ...(parentId !== undefined && { parentId }), isTyping };
    const thread = threadOf(about.billId, parentId);
    const others = this.#typing.filter(
      (other) => other.thread !== thread || other.indicator.userId !== about.userId,
    );
    // The client reports the end of its own indicators; after a message there may be no further one.
    const until = message.is_followed ? Number.POSITIVE_INFINITY : Date.now() + TYPING_EXPIRY_MS;
    this.#typing = isTyping ? [...others, { indicator, thread, until }] : others;
    this.changed('typingIndicator', indicator);
  }

  #active(): readonly ActiveTyping[] {
    const now = Date.now();
    return this.#typing.filter(({ until }) => until > now);
  }
}
