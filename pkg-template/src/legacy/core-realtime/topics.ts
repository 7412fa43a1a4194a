/** The topics of messages. */
import { billIdOf, type Fields, fieldsOf, textOf, updatesOf } from './fields.js';
import type { WebSocketMessage } from './types.js';

export const EVERYTHING = '*';

export const EXPERT_UPDATES = 'expert:updates';
export const MODERATION_EVENTS = 'moderation:events';
export const USER_NOTIFICATIONS = 'user_notifications';

const topicOf = (kind: string, id: unknown): string | undefined =>
  id === undefined ? undefined : `${kind}:${id}`;

export const billTopic = (bill: unknown): string => `bill:${bill}`;
export const discussionTopic = (bill: unknown): string => `discussion:${bill}`;

/** Returns the canonical name of a topic: those of notifications and experts' updates may have an id. */
export function canonical(topic: string): string {
  if (/^user_notifications(:|$)/.test(topic)) return USER_NOTIFICATIONS;
  if (/^expert_updates(:|$)/.test(topic)) return EXPERT_UPDATES;
  return topic;
}

/** The topics that follow from the ids in messages, by message type. */
const ROUTES: readonly [types: RegExp, topics: (fields: Fields) => (string | undefined)[]][] = [
  [
    /^(bill_update|engagement_metrics|batched_updates)$/,
    (fields) => [
      topicOf('bill', billIdOf(fields.billId)),
      ...updatesOf(fields).map(([bill]) => billTopic(bill)),
    ],
  ],
  [
    /^(comment_update|vote_update|typing_(indicator|start|stop))$/,
    ({ billId }) => [topicOf('discussion', billIdOf(billId))],
  ],
  [
    /^(notification(_read|_clear)?|mark_notification_read|clear_(notification|all_notifications))$/,
    () => [USER_NOTIFICATIONS],
  ],
  [/^community_update$/, ({ discussionId }) => [topicOf('community', textOf(discussionId))]],
  [/^expert_activity$/, () => [EXPERT_UPDATES]],
  [/^moderation_event$/, () => [MODERATION_EVENTS]],
];

/** Returns the topics of a message: its `topic`, and those that follow from its ids. */
export function topicsOf(message: WebSocketMessage): string[] {
  const { type = '', topic } = message;
  const [, topics] = ROUTES.find(([types]) => types.test(type)) ?? [];
  const all = [
    typeof topic === 'string' ? canonical(topic) : undefined,
    ...(topics?.(fieldsOf(message)) ?? []),
  ];
  return [...new Set(all.filter((each) => each !== undefined))];
}
