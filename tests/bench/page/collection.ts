/** A page with a collection of rows: of tidewire, or of code without a library. */
import { createRealtimeClient } from 'tidewire';
import { ALL_FEATURES, TidewireDialect } from '../dialects/tidewire.js';
import { clientOptions } from '../libraries/tidewire-client.js';
import type { FakeSocket } from './fake-socket.js';
import { changedRow, initialRows, type Row } from './rows.js';
import { RowsByHand } from './rows-by-hand.js';
import { sourceOf } from './source.js';

const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

export const collection = {
  async byTidewire(): Promise<void> {
    const dialect = new TidewireDialect(ALL_FEATURES);
    Installed.shared.dialect = dialect;
    const client = createRealtimeClient(clientOptions({ url: 'ws://127.0.0.1' }));
    let updates = 0;
    const rows = client.collection<Row>('rows', { load: initialRows });
    await new Promise<void>((loaded) =>
      rows.on('change', ({ isLoading }) => !isLoading && loaded()),
    );
    rows.on('change', () => updates++);
    const { latest } = Installed.shared;
    globalThis.source = sourceOf(
      (n) => dialect.rowChange('rows', changedRow(n)),
      (events) => latest?.deliver(events),
      () => updates,
    );
  },

  async byHand(): Promise<void> {
    const dialect = new TidewireDialect(ALL_FEATURES);
    const rows = new RowsByHand(initialRows());
    let updates = 0;
    rows.listen(() => updates++);
    globalThis.source = sourceOf(
      (n) => dialect.rowChange('rows', changedRow(n)),
      (events) => events.forEach(rows.receive),
      () => updates,
    );
  },
};

export type Collection = typeof collection;

Object.assign(globalThis, { collection });
