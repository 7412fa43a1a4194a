/** The users who view interviews, with the methods of the legacy manager. */
import type { Channel, Meta } from '../../index.js';
import { isJoined, type NamedChannel, nameOf } from '../channel.js';
import { legacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import { byInterview, metasOf, watchPresence } from '../presence.js';
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

type Presences = Readonly<Record<string, PresenceUser[]>>;

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
 * The users of a channel by interview. The server reports joins and leaves, so presence is neither refreshed nor
 * expired here, and the first two arguments have no effect.
 *
 * @deprecated Use `usePresence` of `tidewire/react`, or `channel.presence` of `tidewire`.
 */
export class PresenceManager extends Listeners<PresenceEvent> {
  readonly #limit: number;
  #handle: Channel | undefined;
  #presences: Presences = {};

  constructor(_updateInterval?: number, _staleTimeout?: number, maxUsersPerInterview = 50) {
    super();
    this.#limit = maxUsersPerInterview;
  }

  /** Starts receiving the presence of a channel of this page. */
  attachToChannel(channel: NamedChannel): void {
    this.#handle?.release();
    const { client, supabase } = legacyConfig();
    const handle = client.channel(nameOf(channel), supabase && { presence: true });
    this.#handle = handle;
    watchPresence(handle, () => this.#update());
    this.#update();
  }

  /**
   * Tracks a user as the viewer of an interview. It replaces what this client tracked before.
   *
   * @throws Error "Channel not connected" unless the channel is joined
   */
  async trackUser(user: TrackedUser): Promise<void> {
    const { userId, userName, email, interviewId, onlineAt = new Date(), metadata } = user;
    const handle = this.#handle;
    if (!handle || !isJoined(handle)) throw Error('Channel not connected');
    await handle.presence.track({
      ...metadata,
      user_id: userId,
      ...(userName && { user_name: userName }),
      ...(email && { email }),
      interview_id: interviewId,
      online_at: onlineAt.toISOString(),
    }).acked;
  }

  async untrackUser(): Promise<void> {
    await this.#handle?.presence.untrack().acked;
  }

  getInterviewPresence(interviewId: string): PresenceUser[] {
    return this.getAllPresence().get(interviewId) ?? [];
  }

  getAllPresence(): Map<string, PresenceUser[]> {
    return new Map(Object.entries(this.#presences));
  }

  /** The users by interview; the same object until one of them changes. */
  get presences(): Presences {
    return this.#presences;
  }

  destroy(): void {
    this.#handle?.release();
    this.#handle = undefined;
    this.#presences = {};
    this.removeAllListeners();
  }

  #update(): void {
    const before = this.#presences;
    const users = (this.#handle ? metasOf(this.#handle) : []).map(userOf);
    this.#presences = byInterview(users, before, this.#limit);
    this.#report('userLeft', before, this.#presences);
    this.#report('userJoined', this.#presences, before);
    this.emit('presenceSync', this.getAllPresence());
  }

  /** Emits an event for each user in `presences` who is not in `others`. */
  #report(event: PresenceEvent, presences: Presences, others: Presences): void {
    for (const user of Object.values(presences).flat()) {
      const { interviewId = '', userId } = user;
      // Other clients choose the ids, `constructor` too.
      const list = Object.hasOwn(others, interviewId) ? others[interviewId] : [];
      const isPresent = list?.some((other) => other.userId === userId);
      if (!isPresent) this.emit(event, { interviewId, user });
    }
  }
}
