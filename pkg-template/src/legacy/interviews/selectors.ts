/** Hooks for a project and its parts. A component renders again only when its part has changed. */
import { useCallback, useEffect } from 'react';
import type { ProjectActions } from '../session-store.js';
import { useProjectView, useTracking, useView } from '../use-view.js';
import type { ProjectView } from './project-session.js';
import { useProjectStore } from './provider.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

/** A project's rows and users, and the functions that change them. */
export type ImprovedRealtime = ProjectView & ProjectActions;

/**
 * Returns the project of the nearest `InterviewRealtimeWrapper`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error without a provider
 */
export const useImprovedRealtime = (): ImprovedRealtime =>
  useProjectView(useProjectStore('useImprovedRealtime'));

/**
 * Returns the project's interviews, newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterviews(): Interview[] {
  return useView(useProjectStore('useRealtimeInterviews'), ({ interviews }) => interviews);
}

/**
 * Returns one interview of the project.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useRealtimeInterview(interviewId: string): Interview | undefined {
  const store = useProjectStore('useRealtimeInterview');
  return useView(store, ({ interviews }) => interviews.find(({ id }) => id === interviewId));
}

/**
 * Returns the notes of an interview, newest first.
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
 * Returns the users who view an interview.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export function useRealtimePresence(interviewId: string): PresenceUser[] {
  const store = useProjectStore('useRealtimePresence');
  return useView(store, ({ presence }) => presence[interviewId] ?? NOBODY);
}

/**
 * Returns the users who view interviews, by interview.
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
 * Returns one interview. While the component is mounted, this user is tracked as its viewer.
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

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useRealtimeInterviews}. */
export const useInterviews: typeof useRealtimeInterviews = useRealtimeInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useRealtimeInterview}. */
export const useInterview: typeof useRealtimeInterview = useRealtimeInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useRealtimeInterviewNotes}. */
export const useInterviewNotes: typeof useRealtimeInterviewNotes = useRealtimeInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. An alias of {@link useRealtimePresence}. */
export const useInterviewPresence: typeof useRealtimePresence = useRealtimePresence;
