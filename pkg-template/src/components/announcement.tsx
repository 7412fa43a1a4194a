/** What screen readers are told, and how often. */
import {
  type CSSProperties,
  type ReactNode,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { clock } from '../react/index.js';
import { useClientStyle } from './client-style.js';

/** How long a screen reader is left alone after it was told something. */
const QUIET_MS = 5_000;

/** For screen readers only: there, and not seen. */
const UNSEEN: CSSProperties = {
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

/** What is to be said: a text, or one about how many have come since something was said last. */
export type Words = string | ((count: number) => string);

/** Says the newest text, but not before the last one has had its time. */
class Announcer {
  readonly #listeners = new Set<() => void>();
  #said = '';
  #saidAt = Number.NEGATIVE_INFINITY;
  /** The last text there was nothing more to say after; what a page begins with is no news. */
  #known: Words;
  #words: Words;
  #count = 0;
  #stopWaiting: (() => void) | undefined;

  constructor(known: Words) {
    this.#known = known;
    this.#words = known;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (!this.#listeners.size) this.#stop();
    };
  };

  readonly getSaid = (): string => this.#said;

  /** Says it when there was quiet for long enough. */
  want(words: Words, count = 0): void {
    this.#words = words;
    this.#count += count;
    const isNews = typeof words === 'function' ? this.#count > 0 : words !== this.#known;
    if (!isNews) this.#stop();
    else if (Date.now() - this.#saidAt >= QUIET_MS) this.#say();
    else this.#stopWaiting ??= clock.subscribe(this.#look);
  }

  readonly #look = (): void => {
    if (Date.now() - this.#saidAt >= QUIET_MS) this.#say();
  };

  #say(): void {
    this.#stop();
    const words = this.#words;
    this.#known = words;
    const text = typeof words === 'function' ? words(this.#count) : words;
    // The same text again is news only if it differs.
    this.#said = text === this.#said ? `${text}\u00a0` : text;
    this.#saidAt = Date.now();
    this.#count = 0;
    for (const listener of [...this.#listeners]) listener();
  }

  #stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }
}

/** Something that says texts to screen readers, one after the other; the one given now is known. */
export const useAnnouncer = (known: Words = ''): Announcer =>
  useState(() => new Announcer(known))[0];

/** Where an announcer's texts are put. */
export function Announced({ announcer }: { announcer: Announcer }): ReactNode {
  const said = useSyncExternalStore(announcer.subscribe, announcer.getSaid, () => '');
  const style = useClientStyle(UNSEEN);
  return (
    <output className="tw-announcement" style={style} aria-live="polite" aria-atomic="true">
      {said}
    </output>
  );
}

/** A text that screen readers say when they have a moment; of several in a short time only the last. */
export function Announcement({ text }: { text: string }): ReactNode {
  const announcer = useAnnouncer(text);
  useEffect(() => announcer.want(text), [announcer, text]);
  return <Announced announcer={announcer} />;
}
