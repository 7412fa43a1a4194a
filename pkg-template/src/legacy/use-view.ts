/** Hooks that return the state of stores. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { ProjectActions } from './session-store.js';
import { sameOr, type ViewStore } from './view-store.js';

export const useView = <V extends object, T = V>(
  store: ViewStore<V>,
  part: (view: V) => T = (view) => view as unknown as T,
): T =>
  useSyncExternalStore(
    store.subscribe,
    () => part(store.getSnapshot()),
    () => part(store.getServerSnapshot()),
  );

/** Returns the object of the previous render if its members are the same. */
export function useSame<V extends object>(given: V): V {
  const former = useRef(given);
  former.current = sameOr(former.current, given);
  return former.current;
}

/** Returns the view of a project's store together with the functions that change what is shown. */
export function useProjectView<V extends object>(
  store: ViewStore<V> & ProjectActions,
): V & ProjectActions {
  const { subscribeToProject, unsubscribe, trackPresence, untrackPresence, refresh } = store;
  const actions = { subscribeToProject, unsubscribe, trackPresence, untrackPresence, refresh };
  return useSame({ ...useView(store), ...actions });
}

/** Tracks this user as the viewer of an interview while the component is mounted. */
export function useTracking(store: ProjectActions, interviewId: string): void {
  useEffect(() => {
    if (!interviewId) return;
    void store.trackPresence(interviewId);
    return () => void store.untrackPresence();
  }, [store, interviewId]);
}
