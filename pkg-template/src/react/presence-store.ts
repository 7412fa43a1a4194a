/** Who is present on a channel. */
import type { Channel, Meta } from '../index.js';
import { type ChannelStanding, ChannelStore, STANDING } from './channel-store.js';

/** Who is present; the same object until something in it changed. */
export interface Present<M extends object = Meta> extends ChannelStanding {
  /** What is said by key, several times for one in several tabs; the same map until it changed. */
  readonly present: ReadonlyMap<string, readonly M[]>;
}

/** Follows the presence of a channel. */
export class PresenceStore<M extends object> extends ChannelStore<Present<M>> {
  protected readonly initial: Present<M> = { ...STANDING, present: new Map() };

  protected listen({ presence }: Channel): void {
    const refresh = (): void => this.refresh();
    presence.on('sync', refresh);
    for (const event of ['join', 'update', 'leave'] as const) presence.on(event, refresh);
  }

  protected override read({ presence }: Channel): Partial<Present<M>> {
    return { present: presence.state as ReadonlyMap<string, readonly M[]> };
  }
}
