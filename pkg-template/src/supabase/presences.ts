/** Presence as realtime-js shows it. */
import type { Meta, Presence } from '../index.js';
import type { PresenceState, PresentOne } from './channel-types.js';

type Metas = readonly Meta[];

const references = new WeakMap<Meta, string>();
let referred = 0;

/** Of each meta another. The server's own reference stays within the engine. */
function referenceOf(meta: Meta): string {
  const known = references.get(meta);
  if (known) return known;
  referred += 1;
  const reference = `ref-${referred}`;
  references.set(meta, reference);
  return reference;
}

const shown = (metas: Metas): PresentOne[] =>
  metas.map((meta) => ({ ...meta, presence_ref: referenceOf(meta) }));

/** Everybody, by key. */
export const presenceState = (presence: Presence): PresenceState =>
  Object.fromEntries([...presence.state].map(([key, metas]) => [key, shown(metas)]));

/** Tells of who comes and goes: an update as a join and a leave, and after all of them a sync. */
export function watchPresence(
  presence: Presence,
  tell: (change: { event: 'sync' | 'join' | 'leave' }) => void,
): void {
  /** What was told last. */
  const before = new Map(presence.state);
  let isDue = false;
  const sync = (): void => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      tell({ event: 'sync' });
    });
  };
  const join = (key: string, current: Metas, joined: Metas): void =>
    tell(
      Object.assign(
        { event: 'join' as const },
        { key, currentPresences: shown(current), newPresences: shown(joined) },
      ),
    );
  const leave = (key: string, current: Metas, left: Metas): void =>
    tell(
      Object.assign(
        { event: 'leave' as const },
        { key, currentPresences: shown(current), leftPresences: shown(left) },
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
