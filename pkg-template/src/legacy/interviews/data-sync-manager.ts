/** A project's rows and their changes, with the methods of the legacy manager. */
import type { ChangeKind } from '../../generated/types.js';
import { type NamedChannel, nameOf } from '../channel.js';
import { legacyConfig } from '../index.js';
import { ListenerList, Listeners } from '../listeners.js';
import { changesBetween } from '../row-changes.js';
import { until } from '../until.js';
import { projectChannel } from './channel-registry.js';
import { type ProjectContents, ProjectRows } from './project-rows.js';

const TABLES = ['interviews', 'interview_notes', 'interview_note_replies'] as const;

type Table = (typeof TABLES)[number];
type TableRows = Record<Table, readonly { id: string }[]>;

/** The events of a {@link DataSyncManager}. */
export type DataSyncEvent =
  | 'syncStart'
  | 'syncEnd'
  | 'syncError'
  | 'dataLoaded'
  | `${Table}:${ChangeKind | `batch${Capitalize<ChangeKind>}`}`;

export interface SyncState {
  /** When all rows were last loaded. */
  lastSyncedAt?: Date;
  /** The number of this page's changes and sends that are not settled. */
  pendingChanges: number;
  isSyncing: boolean;
  /** The errors since the rows were last loaded. */
  errors: Error[];
}

/**
 * Emits the changes of a project's rows. Changes during an interruption are emitted once the rows are loaded again.
 *
 * Changes are batched for the shared client's `batchMs`: a period that starts with the first change and is not
 * extended by later ones. A row is emitted at most once per period, in its final state; tables with events of their own are emitted in the order of their rows.
 *
 * @deprecated Use `client.collection(…)` of `tidewire`, or `useCollection` of `tidewire/react`.
 */
export class DataSyncManager extends Listeners<DataSyncEvent> {
  readonly #mode: 'batches' | 'single changes';
  readonly #waiting = new ListenerList();
  #rows: ProjectRows | undefined;
  #lastEmitted: TableRows = { interviews: [], interview_notes: [], interview_note_replies: [] };
  #phase: 'syncing' | 'live' = 'live';
  /** The number of loads in progress. */
  #loads = 0;
  #errors: Error[] = [];
  /** The error with which waiting calls reject, if loading has failed. */
  #failure: Error | undefined;
  #lastSyncedAt: Date | undefined;

  /** @param batchDelay readable, but without effect: the client's `batchMs` is used */
  constructor(
    private readonly projectId: string,
    private readonly companyId: string,
    enableBatching = true,
    readonly batchDelay = 100,
    private readonly maxRetries = 3,
  ) {
    super();
    this.#mode = enableBatching ? 'batches' : 'single changes';
  }

  /** Starts live updates of the rows on a channel of this page. */
  attachToChannel(channel: NamedChannel): void {
    this.#open(nameOf(channel));
  }

  /**
   * Loads the rows, and starts their live updates.
   *
   * @throws Error the last error, after as many failures as the constructor's `maxRetries` allows
   */
  async loadInitialData(): Promise<ProjectContents> {
    const rows = this.#rows ?? this.#open(projectChannel(this.companyId, this.projectId));
    this.#failure = undefined;
    const isSynced = (): boolean => {
      if (this.#failure) throw this.#failure;
      return this.#phase === 'live';
    };
    await until(isSynced, (listener) => this.#waiting.add(listener));
    return rows.contents;
  }

  /**
   * Loads all rows again.
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

  getSyncState(): SyncState {
    return {
      ...(this.#lastSyncedAt && { lastSyncedAt: this.#lastSyncedAt }),
      pendingChanges: legacyConfig().client.getSnapshot().queueDepth,
      isSyncing: this.#phase === 'syncing',
      errors: [...this.#errors],
    };
  }

  destroy(): void {
    this.#rows?.close();
    this.#rows = undefined;
    this.#fail(Error('DataSyncManager has been destroyed'));
    this.removeAllListeners();
  }

  #open(channel: string): ProjectRows {
    this.#rows?.close();
    const update = (): void => this.#update(rows);
    const rows = new ProjectRows(legacyConfig(), this.projectId, channel, update, (error) => {
      if (error) {
        this.#failed(error instanceof Error ? error : Error(String(error)));
        return;
      }
      this.#loads -= 1;
      update();
    });
    this.#rows = rows;
    this.#begin();
    return rows;
  }

  #begin(): void {
    this.#phase = 'syncing';
    this.#loads = 0;
    this.#errors = [];
    this.emit('syncStart');
  }

  #update(rows: ProjectRows): void {
    if (rows.isLoading || this.#loads > 0) return;
    const isFirst = !this.#lastSyncedAt;
    const before = this.#lastEmitted;
    const { notes, replies } = rows.children;
    this.#lastEmitted = {
      interviews: rows.contents.interviews,
      interview_notes: notes,
      interview_note_replies: replies,
    };
    // The initial rows are not changes.
    if (!isFirst) for (const table of TABLES) this.#emit(table, before[table]);
    if (this.#phase === 'live') return;
    this.#phase = 'live';
    this.#errors = [];
    this.#lastSyncedAt = new Date();
    this.emit('dataLoaded', rows.contents);
    this.emit('syncEnd');
    this.#waiting.emit();
  }

  #emit(table: Table, before: TableRows[Table]): void {
    const changes = changesBetween(before, this.#lastEmitted[table]);
    if (this.#mode === 'single changes') {
      for (const change of changes) {
        this.emit(`${table}:${change.eventType.toLowerCase() as ChangeKind}`, change);
      }
      return;
    }
    for (const kind of ['Insert', 'Update', 'Delete'] as const) {
      const batch = changes.filter(({ eventType }) => eventType === kind.toUpperCase());
      if (batch.length) this.emit(`${table}:batch${kind}`, batch);
    }
  }

  #failed(error: Error): void {
    this.#errors.push(error);
    this.emit('syncError', error);
    if (this.#errors.length > this.maxRetries) this.#fail(error);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#waiting.emit();
  }
}
