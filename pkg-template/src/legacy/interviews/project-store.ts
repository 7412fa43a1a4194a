/** The provider's store: one project at a time, for components. */
import { RealtimeError } from '../../index.js';
import { legacyConfig } from '../index.js';
import type { TrackedUser } from './presence-manager.js';
import type { ProjectContents, ProjectRows } from './project-rows.js';
import { ProjectSession } from './project-session.js';
import type { ConnectionQuality, ConnectionState, PresenceUser } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface ProjectView extends ProjectContents {
  readonly presence: Readonly<Record<string, PresenceUser[]>>;
  readonly connectionState: ConnectionState;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

const NOTHING: ProjectView = {
  interviews: [],
  notes: {},
  presence: {},
  connectionState: 'disconnected',
  isLoading: false,
  error: null,
};

const isSameRecord = (a: Record<string, unknown[]>, b: Record<string, unknown[]>): boolean => {
  const keys = Object.keys(b);
  return (
    keys.length === Object.keys(a).length &&
    keys.every(
      (key) => a[key]?.length === b[key]?.length && b[key]?.every((e, at) => e === a[key]?.[at]),
    )
  );
};

/** Holds the session, and notifies listeners of changes. */
export class ProjectStore {
  readonly #listeners = new Set<() => void>();
  #session: ProjectSession | undefined;
  #view = NOTHING;
  /** Stops waiting for a user who may see the project. */
  #stopWaiting: () => void = () => {};
  /** Where this user is to be shown, even before there is a project. */
  #tracked: TrackedUser | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): ProjectView => this.#view;

  readonly getServerSnapshot = (): ProjectView => NOTHING;

  /**
   * The rows of the project.
   *
   * @throws RealtimeError `invalid_argument` if there is none
   */
  get rows(): ProjectRows {
    const { rows } = this.#session ?? {};
    if (rows) return rows;
    throw new RealtimeError(
      'invalid_argument',
      'There is no project whose rows could be changed.',
      'Call subscribeToProject with a project first.',
    );
  }

  /** Shows a project; settled once its rows are there, or it became clear that they will not be. */
  readonly subscribeToProject = async (projectId: string): Promise<void> => {
    const config = legacyConfig();
    const company = () => config.auth.getSnapshot()?.profile?.company_id;
    const companyId = company();
    this.#stopWaiting();
    if (!companyId) {
      this.#show({ error: Error('No company context') });
      // A session may still be loading.
      this.#stopWaiting = config.auth.subscribe(() => {
        if (company()) void this.subscribeToProject(projectId);
      });
      return;
    }
    const { place } = this.#session ?? {};
    const isSame = place?.projectId === projectId && place.companyId === companyId;
    if (!isSame || this.#view.connectionState === 'error') {
      if (this.#session) this.#leave();
      const session = new ProjectSession(config, { companyId, projectId }, () =>
        this.#see(session),
      );
      this.#session = session;
      this.#see(session);
      if (this.#tracked) void session.track(this.#tracked);
    }
    await this.#settled();
  };

  /** Shows no project. */
  readonly unsubscribe = async (): Promise<void> => {
    this.#stopWaiting();
    this.#leave();
    this.#tracked = undefined;
    this.#show(NOTHING);
  };

  /** Shows this user on an interview. */
  readonly track = async (user: TrackedUser): Promise<void> => {
    this.#tracked = user;
    await this.#session?.track(user);
  };

  /** Shows the signed-in user on an interview. */
  readonly trackSignedIn = async (interviewId: string): Promise<void> => {
    const { user, profile } = legacyConfig().auth.getSnapshot() ?? {};
    if (!user) return;
    await this.track({
      userId: user.id,
      userName: profile?.name ?? undefined,
      email: user.email,
      interviewId,
    });
  };

  /** Shows this user nowhere. */
  readonly untrackPresence = async (): Promise<void> => {
    this.#tracked = undefined;
    await this.#session?.untrack();
  };

  /** Loads all rows again. */
  readonly refresh = async (): Promise<void> => {
    this.#session?.rows.reload();
    await this.#settled();
  };

  /** Tells everybody who listens to the project. */
  readonly broadcastEvent = async (event: string, payload: unknown): Promise<void> => {
    this.#session?.broadcast(event, payload);
  };

  /** How good the connection is, as measured. */
  readonly getConnectionQuality = (): ConnectionQuality =>
    this.#session?.quality ?? {
      lastSuccessfulPing: 0,
      failedPings: 0,
      averageLatency: 0,
      isStable: false,
    };

  #leave(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.close();
  }

  #see(session: ProjectSession): void {
    if (session !== this.#session) return;
    const { rows, state, error } = session;
    const presence = Object.fromEntries(session.presence.getAllPresence());
    this.#show({
      ...rows.contents,
      presence: isSameRecord(this.#view.presence, presence) ? this.#view.presence : presence,
      connectionState: state,
      isLoading: rows.isLoading && !error,
      error,
    });
  }

  #show(changes: Partial<ProjectView>): void {
    const next = { ...this.#view, ...changes };
    const keys = Object.keys(next) as (keyof ProjectView)[];
    if (keys.every((key) => next[key] === this.#view[key])) return;
    this.#view = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Settled once nothing is under way. */
  #settled(): Promise<void> {
    if (this.#view.connectionState !== 'connecting') return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.subscribe(() => {
        if (this.#view.connectionState === 'connecting') return;
        end();
        resolve();
      });
    });
  }
}
