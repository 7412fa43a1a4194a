/** The base of the providers' stores: one project at a time. */
import { RealtimeError } from '../index.js';
import { legacyConfig } from './index.js';
import { until } from './until.js';
import { ViewStore } from './view-store.js';

/** Which project, of which company. */
export interface ProjectPlace {
  companyId: string;
  projectId: string;
}

/** What a project has open. */
interface ProjectSession<V, P> {
  /** What is shown. */
  readonly view: V;
  /** Whether it goes on if this project is requested. */
  isFor(place: ProjectPlace): boolean;
  track(presence: P): unknown;
  untrack(): unknown;
  close(): void;
}

/** What is done with a project. */
export interface ProjectActions {
  /**
   * Shows a project. The promise settles once its rows are loaded; failures are in `error`. Without a company in the
   * auth context nothing is shown.
   */
  subscribeToProject(projectId: string): Promise<void>;
  /** Shows none. */
  unsubscribe(): Promise<void>;
  /** Shows this user on an interview; before there is a project, as soon as there is one. */
  trackPresence(interviewId: string): Promise<void>;
  /** Shows this user nowhere. */
  untrackPresence(): Promise<void>;
  /** Loads everything again. */
  refresh(): Promise<void>;
}

/** Opens the session of a project once a user is signed in who has a company, and shows it. */
export abstract class SessionStore<V extends object, S extends ProjectSession<V, P>, P>
  extends ViewStore<V>
  implements ProjectActions
{
  #session: S | undefined;
  /** This client's presence, even before there is a project. */
  #tracked: P | undefined;
  /** Stops waiting for a user who may see the project. */
  #stopWaiting: () => void = () => {};

  /** Opens a project; `changed` is called when there is something else to show. */
  protected abstract open(place: ProjectPlace, changed: () => void): S;
  /** Whether nothing is under way that `subscribeToProject` waits for. */
  protected abstract isSettled(view: V): boolean;
  abstract readonly trackPresence: (interviewId: string) => Promise<void>;
  abstract readonly refresh: () => Promise<void>;
  /** Called if no user with a company is signed in. */
  protected denied(): void {}

  /** The project that is shown, if there is one. */
  get session(): S | undefined {
    return this.#session;
  }

  /**
   * The project that is shown.
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
    const place = { companyId, projectId };
    if (!this.#session?.isFor(place)) {
      this.#session?.close();
      this.#session = undefined;
      this.#session = this.open(place, () => this.#see());
      if (this.#tracked) void this.#session.track(this.#tracked);
      this.#see();
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

  /** Tracks this client's presence, from now on in every project. */
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

  #see(): void {
    if (this.#session) this.show(this.#session.view);
  }
}
