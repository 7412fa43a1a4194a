/** The base of the providers' stores: one project at a time. */
import { RealtimeError } from '../index.js';
import { legacyConfig } from './index.js';
import { until } from './until.js';
import { ViewStore } from './view-store.js';

/** The number of newest interviews whose notes are live by default. */
export const LIVE_NOTES_OF = 20;

/** A project and its company. */
export interface ProjectKey {
  companyId: string;
  projectId: string;
}

/** The open channels and rows of a project. */
interface ProjectSession<V, P> {
  /** The state for components. */
  readonly view: V;
  /** Whether it is the session of this project, so that it is kept if the project is requested again. */
  isFor(key: ProjectKey): boolean;
  track(presence: P): unknown;
  untrack(): unknown;
  close(): void;
}

/** The functions for a project. */
export interface ProjectActions {
  /**
   * Subscribes to a project. The promise is settled once its rows are loaded; failures are in `error`. Without a company
   * in the auth context it does nothing.
   */
  subscribeToProject(projectId: string): Promise<void>;
  /** Unsubscribes from the project. */
  unsubscribe(): Promise<void>;
  /** Tracks this user as the viewer of an interview; without a project, as soon as there is one. */
  trackPresence(interviewId: string): Promise<void>;
  /** Stops tracking this user. */
  untrackPresence(): Promise<void>;
  /** Loads all rows again. */
  refresh(): Promise<void>;
}

/** A store that opens the session of a project once a user with a company is signed in. */
export abstract class SessionStore<V extends object, S extends ProjectSession<V, P>, P>
  extends ViewStore<V>
  implements ProjectActions
{
  #session: S | undefined;
  /** This client's presence, even before there is a project. */
  #tracked: P | undefined;
  /** Stops waiting for a user who may see the project. */
  #stopWaiting: () => void = () => {};

  /** Opens a project; `changed` is called when the state for components has changed. */
  protected abstract open(key: ProjectKey, changed: () => void): S;
  /** Whether everything that `subscribeToProject` waits for has ended. */
  protected abstract isSettled(view: V): boolean;
  abstract readonly trackPresence: (interviewId: string) => Promise<void>;
  abstract readonly refresh: () => Promise<void>;
  /** Called if no user with a company is signed in. */
  protected denied(): void {}

  /** The session of the current project, if there is one. */
  get session(): S | undefined {
    return this.#session;
  }

  /**
   * The session of the current project.
   *
   * @throws RealtimeError `invalid_argument` if there is none
   */
  get project(): S {
    if (this.#session) return this.#session;
    throw new RealtimeError(
      'invalid_argument',
      'There is no project to be changed.',
      'Sign in, and call subscribeToProject with a project first.',
    );
  }

  readonly subscribeToProject = async (projectId: string): Promise<void> => {
    const { auth } = legacyConfig();
    const company = () => auth.getSnapshot()?.profile?.company_id;
    const companyId = company();
    this.#stopWaiting();
    if (!companyId) {
      this.denied();
      // A session may still be loading.
      this.#stopWaiting = auth.subscribe(() => {
        if (company()) void this.subscribeToProject(projectId);
      });
      return;
    }
    const key = { companyId, projectId };
    if (!this.#session?.isFor(key)) {
      this.#session?.close();
      this.#session = undefined;
      this.#session = this.open(key, () => this.#update());
      if (this.#tracked) void this.#session.track(this.#tracked);
      this.#update();
    }
    await this.settled();
  };

  readonly unsubscribe = async (): Promise<void> => {
    const session = this.#session;
    this.#stopWaiting();
    this.#session = undefined;
    this.#tracked = undefined;
    session?.close();
    this.show(this.getServerSnapshot());
  };

  /** Tracks this client's presence, in the current project and in later ones. */
  readonly track = async (presence: P): Promise<void> => {
    this.#tracked = presence;
    await this.#session?.track(presence);
  };

  readonly untrackPresence = async (): Promise<void> => {
    if (this.#tracked === undefined) return;
    this.#tracked = undefined;
    await this.#session?.untrack();
  };

  protected settled(): Promise<void> {
    return until(() => this.isSettled(this.getSnapshot()), this.subscribe);
  }

  #update(): void {
    if (this.#session) this.show(this.#session.view);
  }
}
