/** Presence in realtime-js's shape. */
import type { Meta, Presence } from '../index.js';
import type { PresenceState, PresentOne } from './channel-types.js';

type Metas = readonly Meta[];

const references = new WeakMap<Meta, string>();
let count = 0;

/** Returns a unique reference of a meta. The engine does not pass on the server's own reference. */
function referenceOf(meta: Meta): string {
  const known = references.get(meta);
  if (known) return known;
  count += 1;
  const reference = `ref-${count}`;
  references.set(meta, reference);
  return reference;
}

const presencesOf = (metas: Metas): PresentOne[] =>
  metas.map((meta) => ({ ...meta, presence_ref: referenceOf(meta) }));

/** Returns the presence state by key. */
export const presenceState = (presence: Presence): PresenceState =>
  Object.fromEntries([...presence.state].map(([key, metas]) => [key, presencesOf(metas)]));

/** Emits changes of presence: an update as a join and a leave; after all of them, a sync. */
export function watchPresence(
  presence: Presence,
  emit: (change: { event: 'sync' | 'join' | 'leave' }) => void,
): void {
  /** The metas at the last event. */
  const before = new Map(presence.state);
  let isDue = false;
  const sync = (): void => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      emit({ event: 'sync' });
    });
  };
  const join = (key: string, current: Metas, joined: Metas): void =>
    emit(
      Object.assign(
        { event: 'join' as const },
        { key, currentPresences: presencesOf(current), newPresences: presencesOf(joined) },
      ),
    );
  const leave = (key: string, current: Metas, left: Metas): void =>
    emit(
      Object.assign(
        { event: 'leave' as const },
        { key, currentPresences: presencesOf(current), leftPresences: presencesOf(left) },
      ),
    );
  presence.on('sync', sync);
  presence.on('join', (key, metas, joined) => {
    join(key, before.get(key) ?? [], joined);
    before.set(key, metas);
    sync();
  });
  presence.on('update', (key, metas, changed) => {
    const former = before.get(key) ?? [];
    join(key, former, changed);
    leave(
      key,
      metas,
      former.filter((meta) => !metas.includes(meta)),
    );
    before.set(key, metas);
    sync();
  });
  presence.on('leave', (key, metas, left) => {
    leave(key, metas, left);
    if (metas.length) before.set(key, metas);
    else before.delete(key);
    sync();
  });
}
