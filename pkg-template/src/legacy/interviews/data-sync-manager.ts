/** A project's rows and their changes, with the methods of the older manager. */
import { type NamedChannel, nameOf } from '../channel.js';
import { legacyConfig } from '../index.js';
import { Listeners } from '../listeners.js';
import { projectChannel } from './channel-registry.js';
import { type ProjectContents, ProjectRows } from './project-rows.js';
import { changesBetween } from './row-changes.js';

/** The tables whose changes are told. */
const TABLES = ['interviews', 'interview_notes', 'interview_note_replies'] as const;

type Table = (typeof TABLES)[number];
type Rows = Record<Table, readonly { id: string }[]>;

const KINDS = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' } as const;
const BATCHES = { INSERT: 'batchInsert', UPDATE: 'batchUpdate', DELETE: 'batchDelete' } as const;

/** The events of a {@link DataSyncManager}. */
export type DataSyncEvent =
  | 'syncStart'
  | 'syncEnd'
  | 'syncError'
  | 'dataLoaded'
  | `${Table}:${'insert' | 'update' | 'delete' | 'batchInsert' | 'batchUpdate' | 'batchDelete'}`;

/** Where the rows stand. */
export interface SyncState {
  /** When all of them were last loaded. */
  lastSyncedAt?: Date;
  /** What this page has changed or sent, and is not settled yet. */
  pendingChanges: number;
  /** Whether they are being loaded. */
  isSyncing: boolean;
  /** What went wrong since they were last loaded. */
  errors: Error[];
}

/**
 * Follows the rows of a project. What changed while nobody could tell of it is told once the rows are loaded again.
 *
 * Changes are gathered for as long as the shared client's option `batchMs` says, 100 ms unless the app says
 * otherwise: a window that begins with the first change and is not made longer by those after it. A row is told
 * at most once in it, as it is at its end; rows that have their own events come in the order of the rows.
 *
 * @deprecated Use `client.collection(…)` of `tidewire`, or `useCollection` of `tidewire/react`.
 */
export class DataSyncManager extends Listeners<DataSyncEvent> {
  /** How long changes are gathered before they are told, in milliseconds, as the constructor was told. */
  readonly batchDelay: number;
  readonly #projectId: string;
  readonly #companyId: string;
  readonly #telling: 'batches' | 'one by one';
  readonly #maxRetries: number;
  readonly #waiting = new Set<{ resolve(): void; reject(error: Error): void }>();
  #rows: ProjectRows | undefined;
  #told: Rows = { interviews: [], interview_notes: [], interview_note_replies: [] };
  #phase: 'syncing' | 'live' = 'live';
  /** Loads that are still to end. */
  #loads = 0;
  #errors: Error[] = [];
  #lastSyncedAt: Date | undefined;

  constructor(
    projectId: string,
    companyId: string,
    enableBatching = true,
    batchDelay = 100,
    maxRetries = 3,
  ) {
    super();
    this.#projectId = projectId;
    this.#companyId = companyId;
    this.#telling = enableBatching ? 'batches' : 'one by one';
    this.batchDelay = batchDelay;
    this.#maxRetries = maxRetries;
  }

  /** Follows the rows on a channel of this page. */
  attachToChannel(channel: NamedChannel): void {
    this.#open(nameOf(channel));
  }

  /**
   * Loads the rows, and follows them from then on.
   *
   * @throws Error why it failed as often as the constructor's `maxRetries` allows
   */
  async loadInitialData(): Promise<ProjectContents> {
    const rows = this.#rows ?? this.#open(projectChannel(this.#companyId, this.#projectId));
    await this.#synced();
    return rows.contents;
  }

  /**
   * Loads all rows anew.
   *
   * @throws like {@link loadInitialData}
   */
  async forceSync(): Promise<void> {
    const rows = this.#rows;
    if (rows && this.#phase === 'live') {
      this.#begin();
      this.#loads = rows.collections.length;
      rows.reload();
    }
    await this.loadInitialData();
  }

  /** Where the rows stand. */
  getSyncState(): SyncState {
    return {
      ...(this.#lastSyncedAt && { lastSyncedAt: this.#lastSyncedAt }),
      pendingChanges: legacyConfig().client.getSnapshot().queueDepth,
      isSyncing: this.#phase === 'syncing',
      errors: [...this.#errors],
    };
  }

  /** Ends it. */
  destroy(): void {
    this.#rows?.close();
    this.#rows = undefined;
    this.#giveUp(Error('DataSyncManager has been destroyed'));
    this.removeAllListeners();
  }

  #open(channel: string): ProjectRows {
    this.#rows?.close();
    const rows = new ProjectRows(legacyConfig(), this.#projectId, channel);
    this.#rows = rows;
    this.#begin();
    rows.on('change', () => this.#see(rows));
    rows.on('loaded', (error) => {
      if (error) {
        this.#failed(error instanceof Error ? error : Error(String(error)));
        return;
      }
      this.#loads -= 1;
      this.#see(rows);
    });
    return rows;
  }

  #begin(): void {
    this.#phase = 'syncing';
    this.#loads = 0;
    this.#errors = [];
    this.emit('syncStart');
  }

  /** Settled once the sync that is under way has ended. */
  #synced(): Promise<void> {
    if (this.#phase === 'live') return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }));
  }

  #see(rows: ProjectRows): void {
    if (rows.isLoading || this.#loads > 0) return;
    const isFirst = !this.#lastSyncedAt;
    const before = this.#told;
    this.#told = tableRows(rows);
    // What there was to begin with is no change.
    if (!isFirst) for (const table of TABLES) this.#tell(table, before[table]);
    if (this.#phase === 'live') return;
    this.#phase = 'live';
    this.#errors = [];
    this.#lastSyncedAt = new Date();
    this.emit('dataLoaded', rows.contents);
    this.emit('syncEnd');
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #tell(table: Table, before: Rows[Table]): void {
    const changes = changesBetween(before, this.#told[table]);
    if (this.#telling === 'one by one') {
      for (const change of changes) this.emit(`${table}:${KINDS[change.eventType]}`, change);
      return;
    }
    for (const kind of ['INSERT', 'UPDATE', 'DELETE'] as const) {
      const batch = changes.filter(({ eventType }) => eventType === kind);
      if (batch.length) this.emit(`${table}:${BATCHES[kind]}`, batch);
    }
  }

  #failed(error: Error): void {
    this.#errors.push(error);
    this.emit('syncError', error);
    if (this.#errors.length > this.#maxRetries) this.#giveUp(error);
  }

  #giveUp(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

const tableRows = (rows: ProjectRows): Rows => {
  const { notes, replies } = rows.children;
  return {
    interviews: rows.contents.interviews,
    interview_notes: notes,
    interview_note_replies: replies,
  };
};
