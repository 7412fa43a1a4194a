/** Maps topics to the channels of the reference server's domains. */
import { legacyConfig } from '../index.js';
import { EXPERT_UPDATES, MODERATION_EVENTS, USER_NOTIFICATIONS } from './topics.js';

/**
 * The channels of a topic where comments, votes, experts, reports and notifications are tables, as on the reference
 * server: `configureLegacy({ topics: domainTopics })`. Changes of their rows are then delivered as the older messages.
 */
export function domainTopics(topic: string): readonly string[] {
  const [kind, id] = topic.split(':');
  if (kind === 'discussion') return [topic, `comments:${id}`, `votes:${id}`];
  if (topic === EXPERT_UPDATES) return [topic, 'experts'];
  if (topic === MODERATION_EVENTS) return [topic, 'moderation'];
  const user = legacyConfig().auth.getSnapshot()?.user.id;
  if (topic === USER_NOTIFICATIONS && user) return [topic, `notifications:${user}`];
  return [topic];
}
