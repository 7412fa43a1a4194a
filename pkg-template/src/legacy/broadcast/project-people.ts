/** Who looks at which interview of a project. */
import type { Channel, Meta } from '../../index.js';
import { watchPresence } from '../channel.js';
import { legacyConfig } from '../index.js';
import type { ManagedChannel } from './managed-channel.js';
import type { PresenceUser } from './types.js';

export type People = Readonly<Record<string, PresenceUser[]>>;

const isPresence = (meta: Meta): boolean => !!meta.userId && !!meta.interviewId;

/** By interview, one entry a user however many tabs they have. */
function gather(metas: readonly Meta[]): People {
  const people: Record<string, PresenceUser[]> = {};
  for (const meta of metas.filter(isPresence)) {
    const { presence_ref, ...user } = meta as unknown as PresenceUser & { presence_ref?: unknown };
    const list = people[user.interviewId] ?? [];
    if (list.some(({ userId }) => userId === user.userId)) continue;
    people[user.interviewId] = [...list, user];
  }
  return people;
}

export class ProjectPeople {
  readonly #handle: Channel;
  #people: People = {};

  constructor(channel: ManagedChannel, changed: () => void) {
    const config = legacyConfig();
    const handle = config.client.channel(channel.name, channel.joinOptions());
    this.#handle = handle;
    watchPresence(handle, () => {
      const next = gather([...handle.presence.state.values()].flat());
      if (JSON.stringify(next) === JSON.stringify(this.#people)) return;
      this.#people = next;
      changed();
    });
  }

  /** Who looks at what; the same object until that changed. */
  get people(): People {
    return this.#people;
  }

  /** Tracks the signed-in user on an interview; sent again after every reconnect. */
  track(interviewId: string): void {
    const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
    if (!user) return;
    const me: PresenceUser = {
      userId: user.id,
      userName: profile?.name ?? undefined,
      email: user.email,
      avatarUrl: profile?.avatar_url,
      interviewId,
      lastActiveAt: new Date().toISOString(),
    };
    this.#handle.presence.track(me);
  }

  untrack(): void {
    this.#handle.presence.untrack();
  }

  close(): void {
    this.#handle.release();
  }
}
