import { useMemo } from 'react';
import { useProjectView } from '../use-view.js';
import type { ProjectStore } from './project-store.js';
import { useProjectStore } from './provider.js';
import type { ImprovedRealtime } from './selectors.js';
import type { ConnectionQuality, PresenceUser } from './types.js';

/** The user to track: the second argument of `trackPresence`. */
export interface TrackedPresence {
  userId: string;
  userName?: string | undefined;
  email?: string | undefined;
  [extra: string]: unknown;
}

/** A user who views an interview, in the first provider's shape. */
export interface InterviewPresence extends TrackedPresence {
  /** When the user began to view the interview, in ISO 8601. */
  onlineAt: string;
}

/** The members of the first provider's context. */
export interface InterviewRealtime
  extends Omit<ImprovedRealtime, 'presence' | 'trackPresence' | 'subscribeToProject'> {
  presence: Record<string, InterviewPresence[]>;
  /** Whether the project's rows are loaded and updated live. */
  isSubscribed: boolean;
  /** The quality of the connection when it last changed. */
  connectionQuality?: ConnectionQuality;
  /** Subscribes to a project; does not wait for its rows. */
  subscribeToProject(projectId: string): void;
  /** Tracks a user on an interview; by default the signed-in user. */
  trackPresence(interviewId: string, user?: TrackedPresence): Promise<void>;
  forceRefreshData(): Promise<void>;
  getConnectionQuality(): ConnectionQuality;
  /** Broadcasts an event on the channel `project-realtime-{project}`. Errors are ignored. */
  broadcastEvent(event: string, payload?: unknown): Promise<void>;
}

const presenceOf = ({ userId, userName, email, onlineAt, metadata }: PresenceUser) => ({
  ...metadata,
  userId,
  userName,
  email,
  onlineAt: onlineAt.toISOString(),
});

/** Returns the functions of the first context. They are the same for one store, so that effects may depend on them. */
const functionsOf = (store: ProjectStore) => ({
  subscribeToProject: (projectId: string) => void store.subscribeToProject(projectId),
  async trackPresence(interviewId: string, user?: TrackedPresence) {
    if (!user) return store.trackPresence(interviewId);
    const { userId, userName, email, ...metadata } = user;
    return store.track({ userId, userName, email, interviewId, metadata });
  },
  forceRefreshData: store.refresh,
  getConnectionQuality: store.getConnectionQuality,
  broadcastEvent: (event: string, payload: unknown = {}) => store.broadcastEvent(event, payload),
});

/**
 * Returns the project of the nearest `InterviewRealtimeWrapper`, in the first provider's shape.
 *
 * @deprecated Use `useCollection`, `usePresence` and `useConnection` of `tidewire/react`.
 * @throws Error without a provider
 */
export function useInterviewRealtime(): InterviewRealtime {
  const store = useProjectStore('useInterviewRealtime');
  const improved = useProjectView(store);
  const functions = useMemo(() => functionsOf(store), [store]);
  return useMemo(() => {
    const { connectionState, presence, error } = improved;
    const isSubscribed = connectionState === 'connected';
    return {
      ...improved,
      presence: Object.fromEntries(
        Object.entries(presence).map(([interview, users]) => [interview, users.map(presenceOf)]),
      ),
      isSubscribed,
      isLoading: improved.isLoading || (connectionState === 'disconnected' && !error),
      ...(isSubscribed && { connectionQuality: store.getConnectionQuality() }),
      ...functions,
    };
  }, [store, improved, functions]);
}
