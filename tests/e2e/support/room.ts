/** A room in a page, as the tests talk to it. */
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

  /** Says something about oneself, until the server knows. */
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

  /** Gives the handle back. */
  leave(): Promise<void> {
    return this.tab.page.evaluate(() => window.kit.room.channel.release());
  }

  typing(action: 'start' | 'stop'): Promise<void> {
    return this.tab.page.evaluate((what) => window.kit.room.channel.typing[what](), action);
  }

  /** Who is there, by key. */
  async state(): Promise<Record<string, unknown>> {
    return Object.fromEntries(await this.tab.page.evaluate(() => window.kit.room.report().state));
  }

  /** What its listeners received about presence. */
  async received(): Promise<Received[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().received);
  }

  /** The events alone, without those of a state received. */
  async events(): Promise<string[]> {
    const received = await this.received();
    return received.flatMap(({ event, key }) => (event === 'sync' ? [] : `${event} ${key}`));
  }

  who(): Promise<readonly string[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().who);
  }

  /** Everything `who` was so far. */
  typed(): Promise<(readonly string[])[]> {
    return this.tab.page.evaluate(() => window.kit.room.report().typed);
  }
}
