import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Presence } from 'tidewire';
import { client } from '../realtime/client.ts';
import { identity } from '../realtime/identity.ts';

/** Somebody who has a page open. */
export interface Person {
  readonly name: string;
  /** In how many tabs. */
  readonly tabs: number;
  /** Whether none of them is in view. */
  readonly away: boolean;
}

/** Who is present, by name; tracks this page too. */
export function usePeople(presence: Presence): readonly Person[] {
  useEffect(() => takePart(presence), [presence]);
  const subscribe = useCallback((listener: () => void) => watch(presence, listener), [presence]);
  const state = useSyncExternalStore(subscribe, () => presence.state);
  return [...state]
    .map(([name, tabs]) => ({
      name,
      tabs: tabs.length,
      away: tabs.every(({ away }) => away === true),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function watch(presence: Presence, listener: () => void): () => void {
  const stops = [
    presence.on('sync', listener),
    presence.on('join', listener),
    presence.on('update', listener),
    presence.on('leave', listener),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The server knows the name from the token; the page tracks whether it is in view. */
function takePart(presence: Presence): () => void {
  let name = identity.get();
  const updatePresence = (): void => void presence.track({ away: document.hidden });
  // Presence tracked under one name is not valid for the next.
  const sayAnew = (): void => {
    if (identity.get() === name) return;
    name = identity.get();
    updatePresence();
  };
  const stop = client.on('state', (state) => state === 'ready' && sayAnew());
  document.addEventListener('visibilitychange', updatePresence);
  updatePresence();
  return () => {
    stop();
    document.removeEventListener('visibilitychange', updatePresence);
  };
}
