import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Presence } from 'tidewire';
import { client } from '../realtime/client.ts';
import { identity } from '../realtime/identity.ts';

/** A user who has a page open. */
export interface Person {
  readonly name: string;
  /** The number of open tabs. */
  readonly tabs: number;
  /** Whether all of them are hidden. */
  readonly away: boolean;
}

/** Who is present, by name; tracks this page too. */
export function usePeople(presence: Presence): readonly Person[] {
  useEffect(() => trackThisPage(presence), [presence]);
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

/** Tracks whether the page is hidden. The server takes the name from the token. */
function trackThisPage(presence: Presence): () => void {
  let name = identity.get();
  const updatePresence = (): void => void presence.track({ away: document.hidden });
  // Presence tracked under one name does not apply to the next name.
  const trackAgain = (): void => {
    if (identity.get() === name) return;
    name = identity.get();
    updatePresence();
  };
  const stop = client.on('state', (state) => state === 'ready' && trackAgain());
  document.addEventListener('visibilitychange', updatePresence);
  updatePresence();
  return () => {
    stop();
    document.removeEventListener('visibilitychange', updatePresence);
  };
}
