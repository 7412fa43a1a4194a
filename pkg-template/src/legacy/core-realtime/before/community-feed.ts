/** What came of each community, by the generation before's own bounds. */
import { type CommunityUpdate, realTimeService } from '../index.js';

/** Updates held of one community. */
const LIMIT = 30;

/** The updates of all communities, from the first look on. */
export class CommunityFeed {
  #updates: Readonly<Record<string, readonly CommunityUpdate[]>> = {};
  #isHearing = false;

  /** By community, newest first; the same object until there is another. */
  get updates(): Readonly<Record<string, readonly CommunityUpdate[]>> {
    this.#hear();
    return this.#updates;
  }

  #hear(): void {
    if (this.#isHearing) return;
    this.#isHearing = true;
    realTimeService.on('communityUpdate', (update: CommunityUpdate) => {
      const known = this.#updates[update.discussionId] ?? [];
      const updates = [update, ...known].slice(0, LIMIT);
      this.#updates = { ...this.#updates, [update.discussionId]: updates };
    });
  }
}
