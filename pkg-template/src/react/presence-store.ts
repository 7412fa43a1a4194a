/** A store of the presence of a channel. */
import type { Channel, Meta } from '../index.js';
import { type ChannelHealth, ChannelStore, INITIAL_HEALTH } from './channel-store.js';

/** The presence of a channel; the same object until something in it changes. */
export interface Present<M extends object = Meta> extends ChannelHealth {
  /** The metas by key, several for a member with several tabs; the same map until it changes. */
  readonly present: ReadonlyMap<string, readonly M[]>;
}

/** Reads the presence of a channel whenever it changes. */
export class PresenceStore<M extends object> extends ChannelStore<Present<M>> {
  protected readonly initial: Present<M> = { ...INITIAL_HEALTH, present: new Map() };

  protected listen({ presence }: Channel): void {
    const refresh = (): void => this.refresh();
    presence.on('sync', refresh);
    for (const event of ['join', 'update', 'leave'] as const) presence.on(event, refresh);
  }

  protected override read({ presence }: Channel): Partial<Present<M>> {
    return { present: presence.state as ReadonlyMap<string, readonly M[]> };
  }
}
