/** Who looks at which interview, with the methods of the older manager. */
import type { Channel, Meta } from '../../index.js';
import { type NamedChannel, nameOf, watchPresence } from '../channel.js';
import { legacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import type { PresenceUser } from './types.js';

/** The presence meta of a user, in the protocol. */
interface PresenceMeta {
  user_id: string;
  user_name?: string;
  email?: string;
  interview_id?: string;
  online_at?: string;
}

export type TrackedUser = Omit<PresenceUser, 'onlineAt'> & { onlineAt?: Date };

/** The events of a {@link PresenceManager}. */
export type PresenceEvent = 'presenceSync' | 'userJoined' | 'userLeft';

type Presences = Map<string, PresenceUser[]>;

function userOf(meta: Meta): PresenceUser {
  const { user_id, user_name, email, interview_id, online_at, presence_ref, ...rest } =
    meta as PresenceMeta & Meta;
  return {
    userId: user_id,
    userName: user_name,
    email,
    interviewId: interview_id,
    onlineAt: new Date(online_at ?? 0),
    ...(Object.keys(rest).length && { metadata: rest }),
  };
}

/**
 * The users of a channel by interview. The server decides who joins and leaves: nothing is refreshed, and nothing
 * becomes stale, so the first two arguments change nothing.
 *
 * @deprecated Use `usePresence` of `tidewire/react`, or `channel.presence` of `tidewire`.
 */
export class PresenceManager extends Listeners<PresenceEvent> {
  readonly #limit: number;
  #handle: Channel | undefined;
  #presences: Presences = new Map();

  constructor(_updateInterval = 30000, _staleTimeout = 90000, maxUsersPerInterview = 50) {
    super();
    this.#limit = maxUsersPerInterview;
  }

  /** Follows the people of a channel of this page. */
  attachToChannel(channel: NamedChannel): void {
    this.#handle?.release();
    const { client, supabase } = legacyConfig();
    const handle = client.channel(nameOf(channel), supabase && { presence: true });
    this.#handle = handle;
    watchPresence(handle, () => this.#see());
    this.#see();
  }

  /**
   * Shows a user on an interview, instead of wherever this client showed one before.
   *
   * @throws Error "Channel not connected" unless the channel is joined
   */
  async trackUser({
    userId,
    userName,
    email,
    interviewId,
    onlineAt,
    metadata,
  }: TrackedUser): Promise<void> {
    const handle = this.#handle;
    if (handle?.state !== 'joined' && handle?.state !== 'ready') {
      throw Error('Channel not connected');
    }
    await handle.presence.track({
      ...metadata,
      user_id: userId,
      ...(userName && { user_name: userName }),
      ...(email && { email }),
      interview_id: interviewId,
      online_at: (onlineAt ?? new Date()).toISOString(),
    }).acked;
  }

  async untrackUser(): Promise<void> {
    await this.#handle?.presence.untrack().acked;
  }

  getInterviewPresence(interviewId: string): PresenceUser[] {
    return this.#presences.get(interviewId) ?? [];
  }

  getAllPresence(): Map<string, PresenceUser[]> {
    return new Map(this.#presences);
  }

  destroy(): void {
    this.#handle?.release();
    this.#handle = undefined;
    this.#presences = new Map();
    this.removeAllListeners();
  }

  #see(): void {
    const before = this.#known();
    const metas = [...(this.#handle?.presence.state.values() ?? [])].flat();
    this.#presences = this.#gather(metas.map(userOf), before);
    const after = this.#known();
    for (const [id, user] of before) if (!after.has(id)) this.#report('userLeft', user);
    for (const [id, user] of after) if (!before.has(id)) this.#report('userJoined', user);
    this.emit('presenceSync', this.getAllPresence());
  }

  #report(event: 'userJoined' | 'userLeft', user: PresenceUser): void {
    this.emit(event, { interviewId: user.interviewId, user });
  }

  #known(): Map<string, PresenceUser> {
    const users = [...this.#presences.values()].flat();
    return new Map(users.map((user) => [`${user.interviewId} ${user.userId}`, user]));
  }

  /** One entry a user and interview, however many tabs; the same objects where nothing changed. */
  #gather(users: PresenceUser[], before: ReadonlyMap<string, PresenceUser>): Presences {
    const presences: Presences = new Map();
    for (const user of users) {
      const { interviewId, userId } = user;
      if (!interviewId || !userId) continue;
      const list = presences.get(interviewId) ?? [];
      if (list.length >= this.#limit || list.some((other) => other.userId === userId)) continue;
      const known = before.get(`${interviewId} ${userId}`);
      const isSame = known && JSON.stringify(known) === JSON.stringify(user);
      presences.set(interviewId, [...list, isSame ? known : user]);
    }
    return presences;
  }
}
