/** Announcements to screen readers, rate-limited. */
import {
  type CSSProperties,
  type ReactNode,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { clock } from '../react/index.js';
import { useClientStyle } from './client-style.js';

/** The shortest time between two announcements. */
const MIN_INTERVAL_MS = 5_000;

/** Hides an element visually, but not from screen readers. */
const VISUALLY_HIDDEN: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  margin: -1,
  padding: 0,
  border: 0,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
};

/** An announcement: a text, or a function of the number of new items since the last announcement. */
export type AnnouncementText = string | ((count: number) => string);

/** Announces the latest text, at least {@link MIN_INTERVAL_MS} after the previous one. */
class Announcer {
  readonly #listeners = new Set<() => void>();
  #shown = '';
  #shownAt = Number.NEGATIVE_INFINITY;
  /** The last announced text; the initial text of a page counts as announced. */
  #known: AnnouncementText;
  #next: AnnouncementText;
  #count = 0;
  #stopWaiting: (() => void) | undefined;

  constructor(known: AnnouncementText) {
    this.#known = known;
    this.#next = known;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (!this.#listeners.size) this.#stop();
    };
  };

  readonly getShown = (): string => this.#shown;

  /** Announces a text as soon as enough time has passed. */
  announce(text: AnnouncementText, count = 0): void {
    this.#next = text;
    this.#count += count;
    const isNew = typeof text === 'function' ? this.#count > 0 : text !== this.#known;
    if (!isNew) this.#stop();
    else if (Date.now() - this.#shownAt >= MIN_INTERVAL_MS) this.#flush();
    else this.#stopWaiting ??= clock.subscribe(this.#flushIfDue);
  }

  readonly #flushIfDue = (): void => {
    if (Date.now() - this.#shownAt >= MIN_INTERVAL_MS) this.#flush();
  };

  #flush(): void {
    this.#stop();
    const next = this.#next;
    this.#known = next;
    const text = typeof next === 'function' ? next(this.#count) : next;
    // Screen readers announce the same text again only if it differs.
    this.#shown = text === this.#shown ? `${text}\u00a0` : text;
    this.#shownAt = Date.now();
    this.#count = 0;
    for (const listener of [...this.#listeners]) listener();
  }

  #stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}

/** Returns an announcer; `known` counts as announced. */
export const useAnnouncer = (known: AnnouncementText = ''): Announcer =>
  useState(() => new Announcer(known))[0];

/** The live region of an announcer. */
export function Announced({ announcer }: { announcer: Announcer }): ReactNode {
  const shown = useSyncExternalStore(announcer.subscribe, announcer.getShown, () => '');
  const style = useClientStyle(VISUALLY_HIDDEN);
  return (
    <output className="tw-announcement" style={style} aria-live="polite" aria-atomic="true">
      {shown}
    </output>
  );
}

/** Announces a text politely; of several in a short time only the last. */
export function Announcement({ text }: { text: string }): ReactNode {
  const announcer = useAnnouncer(text);
  useEffect(() => announcer.announce(text), [announcer, text]);
  return <Announced announcer={announcer} />;
}
