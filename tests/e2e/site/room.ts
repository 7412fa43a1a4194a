/** The page's side of the presence tests: a handle of a channel, and what it received about presence. */
import type { Channel, Meta, RealtimeClient } from 'tidewire';

/** What a presence listener received. */
export interface Received {
  event: 'sync' | 'join' | 'update' | 'leave';
  key?: string;
  /** All metas of the key now. */
  metas?: readonly Meta[];
  changed?: readonly Meta[];
}

/** The state of a room. */
export interface RoomReport {
  /** The metas of the present members, in the order of the keys. */
  state: [key: string, metas: readonly Meta[]][];
  received: Received[];
  who: readonly string[];
  /** The values of `who`, in order. */
  typed: (readonly string[])[];
}

export class Room {
  readonly channel: Channel;
  readonly #reported: Received[] = [];
  readonly #typed: (readonly string[])[] = [];

  constructor(client: RealtimeClient, name: string) {
    this.channel = client.channel(name);
    const { presence, typing } = this.channel;
    presence.on('sync', () => this.#reported.push({ event: 'sync' }));
    for (const event of ['join', 'update', 'leave'] as const) {
      presence.on(event, (key, metas, changed) =>
        this.#reported.push({ event, key, metas, changed }),
      );
    }
    typing.on('change', (who) => this.#typed.push(who));
  }

  report(): RoomReport {
    const { presence, typing } = this.channel;
    return {
      state: [...presence.state].sort(([a], [b]) => (a < b ? -1 : 1)),
      received: this.#reported,
      who: typing.who,
      typed: this.#typed,
    };
  }
}
