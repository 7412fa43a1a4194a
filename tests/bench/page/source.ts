/** Changes that a page makes first, and delivers while its work is measured. */
import { messageEvent } from './fake-socket.js';

/** What the page delivers, a part at a time. */
export interface Source {
  /** Makes so many changes, and keeps them. */
  make(count: number): void;
  /** Delivers the next so many of them. */
  deliver(count: number): void;
  /** How often the view was updated. */
  updates(): number;
}

/** A source of frames that are made by number. */
export function sourceOf(
  frame: (n: number) => string,
  deliver: (events: readonly MessageEvent[]) => void,
  updates: () => number,
): Source {
  let made = 0;
  const waiting: MessageEvent[] = [];
  return {
    make(count) {
      for (let left = count; left > 0; left--) waiting.push(messageEvent(frame(made++)));
    },
    deliver: (count) => deliver(waiting.splice(0, count)),
    updates,
  };
}

declare global {
  /** The source of the view that is open. */
  var source: Source;
}
