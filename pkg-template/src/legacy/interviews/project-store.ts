/** The store of the provider: the state of one project at a time, for components. */
import { legacyConfig } from '../index.js';
import { type ProjectKey, SessionStore } from '../session-store.js';
import type { TrackedUser } from './presence-manager.js';
import { ProjectSession, type ProjectView } from './project-session.js';
import type { ConnectionQuality } from './types.js';

const NOTHING: ProjectView = {
  interviews: [],
  notes: {},
  presence: {},
  connectionState: 'disconnected',
  isLoading: false,
  error: null,
};

const NOT_MEASURED: ConnectionQuality = {
  lastSuccessfulPing: 0,
  failedPings: 0,
  averageLatency: 0,
  isStable: false,
};

export class ProjectStore extends SessionStore<ProjectView, ProjectSession, TrackedUser> {
  constructor() {
    super(NOTHING);
  }

  readonly trackPresence = async (interviewId: string): Promise<void> => {
    const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
    if (!user) return;
    const userName = profile?.name ?? undefined;
    await this.track({ userId: user.id, userName, email: user.email, interviewId });
  };

  readonly refresh = async (): Promise<void> => {
    this.session?.rows.reload();
    await this.settled();
  };

  readonly broadcastEvent = async (event: string, payload: unknown): Promise<void> => {
    this.session?.broadcast(event, payload);
  };

  readonly getConnectionQuality = (): ConnectionQuality => this.session?.quality ?? NOT_MEASURED;

  protected open(key: ProjectKey, changed: () => void): ProjectSession {
    return new ProjectSession(legacyConfig(), key, changed);
  }

  protected isSettled({ connectionState }: ProjectView): boolean {
    return connectionState !== 'connecting';
  }

  protected override denied(): void {
    this.show({ error: Error('No company context') });
  }
}
