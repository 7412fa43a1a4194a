/** What has come to a list since it was loaded, as screen readers are told. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Announced, useAnnouncer } from './announcement.js';

/** Of a list that is full, at most so many are taken for new ones. */
const LOOK = 100;

interface Arrivals<T> {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  isLoading: boolean;
  /** What to say of so many. */
  words: (count: number) => string;
}

/** How many rows are new in a list: by its growth, or if it is full, by how far the others were moved. */
export function countArrivals<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string | number,
): number {
  const growth = after.length - before.length;
  if (growth || !after.length) return Math.max(0, growth);
  const moved = (from: T | undefined, among: readonly T[]): number =>
    from === undefined ? 0 : among.findIndex((item) => keyOf(item) === keyOf(from));
  const down = moved(before[0], after.slice(0, LOOK));
  const up = moved(before.at(-1), after.slice(-LOOK).reverse());
  return Math.max(0, down, up);
}

/** Tells of new rows, once in a while. */
export function ArrivalAnnouncement<T>({ items, keyOf, isLoading, words }: Arrivals<T>): ReactNode {
  const announcer = useAnnouncer();
  const before = useRef<readonly T[]>(undefined);
  useEffect(() => {
    if (isLoading) return;
    const count = before.current ? countArrivals(before.current, items, keyOf) : 0;
    before.current = items;
    announcer.want(words, count);
  }, [announcer, items, keyOf, isLoading, words]);
  return <Announced announcer={announcer} />;
}
