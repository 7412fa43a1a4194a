/** The updates of each community, within the first generation's limits. */
import { type CommunityUpdate, realTimeService } from '../index.js';

const LIMIT = 30;

/** The updates of all communities, from the first access on. */
export class CommunityFeed {
  #updates: Readonly<Record<string, readonly CommunityUpdate[]>> = {};
  #isListening = false;

  /** The updates by community, newest first; the same object until there is a new one. */
  get updates(): Readonly<Record<string, readonly CommunityUpdate[]>> {
    this.#listen();
    return this.#updates;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    realTimeService.on('communityUpdate', (update: CommunityUpdate) => {
      const known = this.#updates[update.discussionId] ?? [];
      const updates = [update, ...known].slice(0, LIMIT);
      this.#updates = { ...this.#updates, [update.discussionId]: updates };
    });
  }
}
