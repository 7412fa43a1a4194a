/** A project and its parts. Each part renders only when it changed. */
import { useCallback, useEffect } from 'react';
import type { ProjectActions } from '../session-store.js';
import { useProjectView, useTracking, useView } from '../use-view.js';
import type { BroadcastView } from './broadcast-session.js';
import { useBroadcastStore } from './provider.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

/** A project's rows and people, and what is done with them. */
export type BroadcastRealtime = BroadcastView & ProjectActions;

const NO_NOTES: InterviewNote[] = [];
const NOBODY: PresenceUser[] = [];

/**
 * The project of the nearest `BroadcastRealtimeProvider`.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error outside of one
 */
export function useBroadcastRealtime(): BroadcastRealtime {
  return useProjectView(useBroadcastStore('useBroadcastRealtime'));
}

/**
 * The project's interviews, the newest first.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
export function useBroadcastInterviews(): Interview[] {
  return useView(useBroadcastStore('useBroadcastInterviews'), ({ interviews }) => interviews);
}

/**
 * One of them.
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
 * The notes of one of them, live while the component is mounted, the newest first.
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
 * Who looks at one of them, this user among them.
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
  /** Shows the others of the project some members of the interview otherwise. Nothing is stored. */
  broadcastUpdate(data: Partial<Interview>): void;
}

/**
 * One interview. This user is shown on it while the component is mounted.
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

/** @deprecated Use the hooks of `tidewire/react`. The same as {@link useBroadcastRealtime}. */
export const useRealtime: typeof useBroadcastRealtime = useBroadcastRealtime;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useBroadcastInterviews}. */
export const useInterviews: typeof useBroadcastInterviews = useBroadcastInterviews;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useBroadcastInterview}. */
export const useInterview: typeof useBroadcastInterview = useBroadcastInterview;

/** @deprecated Use `useCollection` of `tidewire/react`. The same as {@link useBroadcastInterviewNotes}. */
export const useInterviewNotes: typeof useBroadcastInterviewNotes = useBroadcastInterviewNotes;

/** @deprecated Use `usePresence` of `tidewire/react`. The same as {@link useBroadcastPresence}. */
export const usePresence: typeof useBroadcastPresence = useBroadcastPresence;
