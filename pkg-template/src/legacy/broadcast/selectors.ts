/** Hooks for a project and its parts. A component renders again only when its part has changed. */
import { useCallback, useEffect } from 'react';
import type { ProjectActions } from '../session-store.js';
import { useProjectView, useTracking, useView } from '../use-view.js';
import type { BroadcastView } from './broadcast-session.js';
import { useBroadcastStore } from './provider.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

/** A project's rows and users, and the functions that change them. */
export type BroadcastRealtime = BroadcastView & ProjectActions;

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

/**
 * Returns the project of the nearest `BroadcastRealtimeProvider`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error without a provider
 */
export function useBroadcastRealtime(): BroadcastRealtime {
  return useProjectView(useBroadcastStore('useBroadcastRealtime'));
}

/**
 * Returns the project's interviews, newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useBroadcastInterviews(): Interview[] {
  return useView(useBroadcastStore('useBroadcastInterviews'), ({ interviews }) => interviews);
}

/**
 * Returns one interview of the project.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useBroadcastInterview(interviewId: string): Interview | undefined {
  const store = useBroadcastStore('useBroadcastInterview');
  return useView(store, ({ interviews }) =>
    interviews.find(({ id, tempId }) => id === interviewId || tempId === interviewId),
  );
}

/**
 * Returns the notes of an interview, newest first, with live updates while the component is mounted.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useBroadcastInterviewNotes(interviewId: string): InterviewNote[] {
  const store = useBroadcastStore('useBroadcastInterviewNotes');
  const hasProject = useView(store, () => store.session !== undefined);
  useEffect(() => {
    if (hasProject && interviewId) store.session?.follow(interviewId);
  }, [store, hasProject, interviewId]);
  return useView(store, ({ notes }) => notes[interviewId] ?? NO_NOTES);
}

/**
 * Returns the users who view an interview, including this user.
 *
 * @deprecated Use `usePresence` of `tidewire/react`.
 */
export function useBroadcastPresence(interviewId: string): PresenceUser[] {
  const store = useBroadcastStore('useBroadcastPresence');
  return useView(store, ({ presence }) => presence[interviewId] ?? NOBODY);
}

export interface InterviewDetailRealtime {
  interview: Interview | undefined;
  notes: InterviewNote[];
  presence: PresenceUser[];
  /** Changes members of the interview for the other clients of the project. Nothing is stored. */
  broadcastUpdate(data: Partial<Interview>): void;
}

/**
 * Returns one interview. While the component is mounted, this user is tracked as its viewer.
 *
 * @deprecated Use `useCollection` and `usePresence` of `tidewire/react`.
 */
export function useInterviewDetailRealtime(interviewId: string): InterviewDetailRealtime {
  const store = useBroadcastStore('useInterviewDetailRealtime');
  const interview = useBroadcastInterview(interviewId);
  const notes = useBroadcastInterviewNotes(interviewId);
  const presence = useBroadcastPresence(interviewId);
  useTracking(store, interviewId);
  const broadcastUpdate = useCallback(
    (data: Partial<Interview>) => store.session?.rows.show({ ...data, id: interviewId }),
    [store, interviewId],
  );
  return { interview, notes, presence, broadcastUpdate };
}

/** @deprecated Use the hooks of `tidewire/react`. An alias of {@link useBroadcastRealtime}. */
export const useRealtime: typeof useBroadcastRealtime = useBroadcastRealtime;

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useBroadcastInterviews}. */
export const useInterviews: typeof useBroadcastInterviews = useBroadcastInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useBroadcastInterview}. */
export const useInterview: typeof useBroadcastInterview = useBroadcastInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. An alias of {@link useBroadcastInterviewNotes}. */
export const useInterviewNotes: typeof useBroadcastInterviewNotes = useBroadcastInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. An alias of {@link useBroadcastPresence}. */
export const usePresence: typeof useBroadcastPresence = useBroadcastPresence;
