/** Who looks at which interview of a project. */
import type { Channel, Meta } from '../../index.js';
import { legacyConfig } from '../index.js';
import { byInterview, metasOf, watchPresence } from '../presence.js';
import type { ManagedChannel } from './managed-channel.js';
import type { PresenceUser } from './types.js';

export type People = Readonly<Record<string, PresenceUser[]>>;

/** The metas that are users on interviews. */
function usersOf(metas: readonly Meta[]): PresenceUser[] {
  return metas.map(({ presence_ref, ...user }) => user as unknown as PresenceUser);
}

export class ProjectPeople {
  readonly #handle: Channel;
  #people: People = {};

  constructor(channel: ManagedChannel, changed: () => void) {
    const config = legacyConfig();
    const handle = config.client.channel(channel.name, channel.joinOptions());
    this.#handle = handle;
    watchPresence(handle, () => {
      this.#people = byInterview(usersOf(metasOf(handle)), this.#people);
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
