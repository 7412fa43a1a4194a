/** The topics of messages. */
import { billIdOf, fieldsOf, isFields, textOf } from './fields.js';
import type { WebSocketMessage } from './types.js';

/** The topic that receives every message. */
export const EVERYTHING = '*';

/** The topic of experts' updates. */
export const EXPERT_UPDATES = 'expert:updates';
/** The topic of moderation events. */
export const MODERATION_EVENTS = 'moderation:events';
/** The topic of a user's notifications. */
export const USER_NOTIFICATIONS = 'user_notifications';

/** The topic of a bill. */
export const billTopic = (bill: unknown): string => `bill:${bill}`;
/** The topic of the discussion about a bill. */
export const discussionTopic = (bill: unknown): string => `discussion:${bill}`;

/** Returns the canonical name of a topic: those of notifications and experts' updates may have an id. */
export function canonical(topic: string): string {
  if (/^user_notifications(:|$)/.test(topic)) return USER_NOTIFICATIONS;
  if (/^expert_updates(:|$)/.test(topic)) return EXPERT_UPDATES;
  return topic;
}

const BILL_TYPES = ['bill_update', 'engagement_metrics', 'batched_updates'];
const DISCUSSION_TYPES = [
  'comment_update',
  'vote_update',
  'typing_indicator',
  'typing_start',
  'typing_stop',
];
const NOTIFICATION_TYPES = [
  'notification',
  'notification_read',
  'notification_clear',
  'mark_notification_read',
  'clear_notification',
  'clear_all_notifications',
];

/** Returns the topics of a message: its own `topic`, and those of its ids. */
export function topicsOf(message: WebSocketMessage): string[] {
  const topics = new Set<string>();
  if (typeof message.topic === 'string') topics.add(canonical(message.topic));
  const { type = '' } = message;
  const fields = fieldsOf(message);
  const bill = billIdOf(fields.billId);
  if (BILL_TYPES.includes(type)) {
    if (bill !== undefined) topics.add(billTopic(bill));
    for (const update of Array.isArray(fields.updates) ? fields.updates : []) {
      const id = isFields(update) ? billIdOf(fieldsOf(update).billId) : undefined;
      if (id !== undefined) topics.add(billTopic(id));
    }
  } else if (DISCUSSION_TYPES.includes(type)) {
    if (bill !== undefined) topics.add(discussionTopic(bill));
  } else if (NOTIFICATION_TYPES.includes(type)) {
    topics.add(USER_NOTIFICATIONS);
  } else if (type === 'community_update') {
    const discussion = textOf(fields.discussionId);
    if (discussion) topics.add(`community:${discussion}`);
  } else if (type === 'expert_activity') {
    topics.add(EXPERT_UPDATES);
  } else if (type === 'moderation_event') {
    topics.add(MODERATION_EVENTS);
  }
  return [...topics];
}
