/** Changes that a page prepares, and delivers while its processor time is measured. */
import { messageEvent } from './fake-socket.js';

/** The prepared changes. */
export interface Source {
  /** Prepares so many changes. */
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
