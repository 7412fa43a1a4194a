/** The provider's store: one project at a time, for components. */
import { RealtimeError } from '../../index.js';
import { legacyConfig } from '../index.js';
import { BroadcastSession } from './broadcast-session.js';
import type { People } from './project-people.js';
import type { Interview, InterviewNote } from './types.js';

/** What is shown; the same object until something in it changed. */
export interface BroadcastView {
  /** The newest first. */
  readonly interviews: readonly Interview[];
  /** By interview, the newest first. */
  readonly notes: Readonly<Record<string, InterviewNote[]>>;
  /** By interview. */
  readonly presence: People;
  readonly isConnected: boolean;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

const NOTHING: BroadcastView = {
  interviews: [],
  notes: {},
  presence: {},
  isConnected: false,
  isLoading: false,
  error: null,
};

/** Holds the session, and notifies listeners of changes. */
export class BroadcastStore {
  readonly #listeners = new Set<() => void>();
  #session: BroadcastSession | undefined;
  #view = NOTHING;
  /** Stops waiting for a user who may see the project. */
  #stopWaiting: () => void = () => {};
  /** Where this user is to be shown, even before there is a project. */
  #tracked: string | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): BroadcastView => this.#view;

  readonly getServerSnapshot = (): BroadcastView => NOTHING;

  /** The project that is shown, if there is one. */
  get session(): BroadcastSession | undefined {
    return this.#session;
  }

  /**
   * The project that is shown.
   *
   * @throws RealtimeError `invalid_argument` if there is none
   */
  get project(): BroadcastSession {
    if (this.#session) return this.#session;
    throw new RealtimeError(
      'invalid_argument',
      'There is no project to be changed.',
      'Sign in, and call subscribeToProject with a project first.',
    );
  }

  /** Shows a project; settled once it is loaded, or it became clear that it will not be. */
  readonly subscribeToProject = async (projectId: string): Promise<void> => {
    const { auth } = legacyConfig();
    const mayBegin = () => !!auth.getSnapshot()?.profile?.company_id;
    this.#stopWaiting();
    if (!mayBegin()) {
      // A session may still be loading.
      this.#stopWaiting = auth.subscribe(() => {
        if (mayBegin()) void this.subscribeToProject(projectId);
      });
      return;
    }
    if (this.#session?.projectId !== projectId) {
      this.#session?.close();
      const session = new BroadcastSession(projectId, () => this.#see(session));
      this.#session = session;
      this.#see(session);
      if (this.#tracked) session.people.track(this.#tracked);
    }
    await this.#loaded();
  };

  /** Shows no project. */
  readonly unsubscribe = async (): Promise<void> => {
    const session = this.#session;
    this.#stopWaiting();
    this.#session = undefined;
    this.#tracked = undefined;
    session?.close();
    this.#show(NOTHING);
  };

  /** Shows this user on an interview. */
  readonly trackPresence = async (interviewId: string): Promise<void> => {
    this.#tracked = interviewId;
    this.#session?.people.track(interviewId);
  };

  /** Shows this user nowhere. */
  readonly untrackPresence = async (): Promise<void> => {
    if (this.#tracked === undefined) return;
    this.#tracked = undefined;
    this.#session?.people.untrack();
  };

  /** Loads everything again. */
  readonly refresh = async (): Promise<void> => {
    await this.#session?.reload();
  };

  #see(session: BroadcastSession): void {
    if (session !== this.#session) return;
    const { interviews, notes, people, live } = session;
    this.#show({ interviews, notes, presence: people.people, ...live.status });
  }

  #show(changes: BroadcastView): void {
    const keys = Object.keys(changes) as (keyof BroadcastView)[];
    if (keys.every((key) => changes[key] === this.#view[key])) return;
    this.#view = changes;
    for (const listener of [...this.#listeners]) listener();
  }

  #loaded(): Promise<void> {
    if (!this.#view.isLoading) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.subscribe(() => {
        if (this.#view.isLoading) return;
        end();
        resolve();
      });
    });
  }
}
