/** Announces items that were added to a list since it was loaded. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Announced, useAnnouncer } from './announcement.js';

/** The maximum number of new items that are counted in a list of constant length. */
const MAX_COUNTED = 100;

interface NewItemAnnouncementProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  isLoading: boolean;
  /** The announcement for a number of new items. */
  text: (count: number) => string;
}

/** Returns the number of new items: by the list's growth, or at constant length, by how far the others have moved. */
export function countNewItems<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string | number,
): number {
  const growth = after.length - before.length;
  if (growth || !after.length) return Math.max(0, growth);
  const moved = (from: T | undefined, among: readonly T[]): number =>
    from === undefined ? 0 : among.findIndex((item) => keyOf(item) === keyOf(from));
  const down = moved(before[0], after.slice(0, MAX_COUNTED));
  const up = moved(before.at(-1), after.slice(-MAX_COUNTED).reverse());
  return Math.max(0, down, up);
}

/** Announces new items, at intervals. */
export function NewItemAnnouncement<T>({
  items,
  keyOf,
  isLoading,
  text,
}: NewItemAnnouncementProps<T>): ReactNode {
  const announcer = useAnnouncer();
  const before = useRef<readonly T[]>(undefined);
  useEffect(() => {
    if (isLoading) return;
    const count = before.current ? countNewItems(before.current, items, keyOf) : 0;
    before.current = items;
    announcer.announce(text, count);
  }, [announcer, items, keyOf, isLoading, text]);
  return <Announced announcer={announcer} />;
}
