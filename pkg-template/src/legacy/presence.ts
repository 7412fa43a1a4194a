/** The presence of a channel, by interview. */

import { PRESENCE_EVENTS } from '../generated/engine.js';
import type { Channel, Meta, Unsubscribe } from '../index.js';
import { sameOr } from './view-store.js';

/** Calls `changed` at each change of a channel's presence. */
export function watchPresence({ presence }: Channel, changed: () => void): Unsubscribe {
  const ends = PRESENCE_EVENTS.map((event) => presence.on(event as 'sync', changed));
  return () => {
    for (const end of ends) end();
  };
}

/** Returns the metas of all members; a member has one for each tab. */
export const metasOf = ({ presence }: Channel): Meta[] => [...presence.state.values()].flat();

/**
 * Returns the users by interview: one entry for each user, whatever the number of tabs, and at most `limit` per
 * interview. Parts that equal those of `before` are the same objects.
 */
export function byInterview<U extends { userId: string; interviewId?: string | undefined }>(
  users: readonly U[],
  before: Readonly<Record<string, U[]>>,
  limit: number = Number.POSITIVE_INFINITY,
): Readonly<Record<string, U[]>> {
  const lists = new Map<string, U[]>();
  for (const user of users) {
    const { interviewId, userId } = user;
    if (!interviewId || !userId) continue;
    const list = lists.get(interviewId) ?? [];
    if (list.length >= limit || list.some((other) => other.userId === userId)) continue;
    lists.set(interviewId, [...list, user]);
  }
  const entries = [...lists].map(([id, list]) => {
    const known = before[id];
    return [id, JSON.stringify(known) === JSON.stringify(list) ? known : list];
  });
  return sameOr(before, Object.fromEntries(entries));
}
