/** Parts of a project. Each renders only when its own part changed. */
import { useEffect } from 'react';
import { useView } from '../use-view.js';
import { useProjectStore } from './provider.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

/**
 * The project's interviews, the newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterviews(): Interview[] {
  return useView(useProjectStore('useRealtimeInterviews'), ({ interviews }) => interviews);
}

/**
 * One of them.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterview(interviewId: string): Interview | undefined {
  const store = useProjectStore('useRealtimeInterview');
  return useView(store, ({ interviews }) => interviews.find(({ id }) => id === interviewId));
}

/**
 * The notes of one of them, the newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterviewNotes(interviewId: string): InterviewNote[] {
  const store = useProjectStore('useRealtimeInterviewNotes');
  const isLive = useView(store, ({ connectionState }) => connectionState === 'connected');
  useEffect(() => {
    if (isLive && interviewId) store.project.rows.follow(interviewId);
  }, [store, isLive, interviewId]);
  return useView(store, ({ notes }) => notes[interviewId] ?? NO_NOTES);
}

/**
 * Who looks at one of them.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export function useRealtimePresence(interviewId: string): PresenceUser[] {
  const store = useProjectStore('useRealtimePresence');
  return useView(store, ({ presence }) => presence[interviewId] ?? NOBODY);
}

/**
 * Who looks at what, by interview.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export const useAllPresence = (): Record<string, PresenceUser[]> =>
  useView(useProjectStore('useAllPresence'), ({ presence }) => presence);

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviews}. */
export const useInterviews: typeof useRealtimeInterviews = useRealtimeInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterview}. */
export const useInterview: typeof useRealtimeInterview = useRealtimeInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviewNotes}. */
export const useInterviewNotes: typeof useRealtimeInterviewNotes = useRealtimeInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. The same as {@link useRealtimePresence}. */
export const useInterviewPresence: typeof useRealtimePresence = useRealtimePresence;
