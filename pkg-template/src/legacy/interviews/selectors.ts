/** A project and its parts. Each part renders only when it changed. */
import { useCallback, useEffect } from 'react';
import type { ProjectActions } from '../session-store.js';
import { useProjectView, useTracking, useView } from '../use-view.js';
import type { ProjectView } from './project-session.js';
import { useProjectStore } from './provider.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

/** A project's rows and people, and what is done with them. */
export type ImprovedRealtime = ProjectView & ProjectActions;

/**
 * The project of the nearest `InterviewRealtimeWrapper`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error outside of one
 */
export const useImprovedRealtime = (): ImprovedRealtime =>
  useProjectView(useProjectStore('useImprovedRealtime'));

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

export interface InterviewDetailRealtime {
  interview: Interview | undefined;
  notes: InterviewNote[];
  presence: PresenceUser[];
  /** Broadcasts the event `interview-update` to the project. */
  broadcastUpdate(data: object): Promise<void>;
}

/**
 * One interview. This user is shown on it while the component is mounted.
 *
 * @deprecated Use `useCollection` and `usePresence` of `tidewire/react`.
 */
export function useInterviewDetailRealtime(interviewId: string): InterviewDetailRealtime {
  const store = useProjectStore('useInterviewDetailRealtime');
  const interview = useRealtimeInterview(interviewId);
  const notes = useRealtimeInterviewNotes(interviewId);
  const presence = useRealtimePresence(interviewId);
  useTracking(store, interviewId);
  const broadcastUpdate = useCallback(
    (data: object) => store.broadcastEvent('interview-update', { interviewId, ...data }),
    [store, interviewId],
  );
  return { interview, notes, presence, broadcastUpdate };
}

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviews}. */
export const useInterviews: typeof useRealtimeInterviews = useRealtimeInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterview}. */
export const useInterview: typeof useRealtimeInterview = useRealtimeInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useRealtimeInterviewNotes}. */
export const useInterviewNotes: typeof useRealtimeInterviewNotes = useRealtimeInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. The same as {@link useRealtimePresence}. */
export const useInterviewPresence: typeof useRealtimePresence = useRealtimePresence;
