/** Parts of a project. Each renders only when its own part changed. */
import { useEffect, useSyncExternalStore } from 'react';
import { useProjectStore } from './context.js';
import type { ProjectStore, ProjectView } from './project-store.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

const usePart = <T>(store: ProjectStore, part: (view: ProjectView) => T): T =>
  useSyncExternalStore(
    store.subscribe,
    () => part(store.getSnapshot()),
    () => part(store.getServerSnapshot()),
  );

/**
 * The project's interviews, the newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterviews(): Interview[] {
  return usePart(
    useProjectStore('useRealtimeInterviews'),
    ({ interviews }) => interviews as Interview[],
  );
}

/**
 * One of them.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterview(interviewId: string): Interview | undefined {
  return usePart(useProjectStore('useRealtimeInterview'), ({ interviews }) =>
    interviews.find(({ id }) => id === interviewId),
  );
}

/**
 * The notes of one of them, the newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterviewNotes(interviewId: string): InterviewNote[] {
  const store = useProjectStore('useRealtimeInterviewNotes');
  const isLive = usePart(store, ({ connectionState }) => connectionState === 'connected');
  useEffect(() => {
    if (isLive && interviewId) store.rows.follow(interviewId);
  }, [store, isLive, interviewId]);
  return usePart(store, ({ notes }) => notes[interviewId] ?? NO_NOTES);
}

/**
 * Who looks at one of them.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export function useRealtimePresence(interviewId: string): PresenceUser[] {
  return usePart(
    useProjectStore('useRealtimePresence'),
    ({ presence }) => presence[interviewId] ?? NOBODY,
  );
}

/**
 * Who looks at what, by interview.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export function useAllPresence(): Record<string, PresenceUser[]> {
  return usePart(useProjectStore('useAllPresence'), ({ presence }) => presence);
}

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviews}. */
export const useInterviews: typeof useRealtimeInterviews = useRealtimeInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterview}. */
export const useInterview: typeof useRealtimeInterview = useRealtimeInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviewNotes}. */
export const useInterviewNotes: typeof useRealtimeInterviewNotes = useRealtimeInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. The same as {@link useRealtimePresence}. */
export const useInterviewPresence: typeof useRealtimePresence = useRealtimePresence;
