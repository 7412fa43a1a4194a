import { useCallback } from 'react';
import { useTracking } from '../use-view.js';
import { useBroadcastStore } from './provider.js';
import {
  useBroadcastInterview,
  useBroadcastInterviewNotes,
  useBroadcastPresence,
} from './selectors.js';
import type { Interview, InterviewNote, PresenceUser } from './types.js';

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
