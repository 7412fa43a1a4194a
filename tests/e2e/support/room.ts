/** Access to a room in a page. */
import type { Received } from '../site/room.js';
import type { Tab } from './tab.js';

/** The channel of all these rooms. */
export const ROOM = 'room';

export class RoomIn {
  readonly tab: Tab;

  private constructor(tab: Tab) {
    this.tab = tab;
  }

  /** Opens the room with the tab's client, and waits until it is joined. */
  static async open(tab: Tab): Promise<RoomIn> {
    await tab.page.evaluate((name) => window.kit.openRoom(name), ROOM);
    await tab.untilChannel(ROOM);
    return new RoomIn(tab);
  }

  /** Tracks or updates this user's presence; resolves once the server has acknowledged it. */
  send(action: 'track' | 'update', meta: object): Promise<void> {
    return this.tab.page.evaluate(
      async ([action, meta]) => {
        await window.kit.room.channel.presence[action](meta).acked;
      },
      [action, meta] as const,
    );
  }

  untrack(): Promise<void> {
    return this.tab.page.evaluate(async () => {
      await window.kit.room.channel.presence.untrack().acked;
    });
  }

  /** Releases the handle. */
  leave(): Promise<void> {
    return this.tab.page.evaluate(() => window.kit.room.channel.release());
  }

  typing(action: 'start' | 'stop'): Promise<void> {
    return this.tab.page.evaluate((what) => window.kit.room.channel.typing[what](), action);
  }

  /** The metas of the present members, by key. */
  async state(): Promise<Record<string, unknown>> {
    return Object.fromEntries(await this.tab.page.evaluate(() => window.kit.room.report().state));
  }

  /** What its listeners received about presence. */
  async received(): Promise<Received[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().received);
  }

  /** The events and their keys, without `sync`. */
  async events(): Promise<string[]> {
    const received = await this.received();
    return received.flatMap(({ event, key }) => (event === 'sync' ? [] : `${event} ${key}`));
  }

  who(): Promise<readonly string[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().who);
  }

  /** The values of `who` so far. */
  typed(): Promise<(readonly string[])[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().typed);
  }
}
