/** A page with a list of rows in React: of `useCollection`, or of code without a library. */
import { memo, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { createRealtimeClient } from 'tidewire';
import { RealtimeProvider, useCollection } from 'tidewire/react';
import { ALL_FEATURES, TidewireDialect } from '../dialects/tidewire.js';
import { clientOptions } from '../libraries/tidewire-client.js';
import type { FakeSocket } from './fake-socket.js';
import { changedRow, initialRows, ROWS, type Row } from './rows.js';
import { RowsByHand } from './rows-by-hand.js';
import { sourceOf } from './source.js';

const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

/** How often a row was rendered. */
let renders = 0;

const Line = memo(function Line({ row }: { row: Row }) {
  renders++;
  return (
    <li>
      {row.title} ({row.count})
    </li>
  );
});

function List({ rows }: { rows: readonly Row[] }) {
  return rows.map((row) => <Line key={row.id} row={row} />);
}

function ListOfCollection() {
  return <List rows={useCollection<Row>('rows', { load: initialRows }).items} />;
}

function ListByHand({ rows }: { rows: RowsByHand }) {
  return <List rows={useSyncExternalStore(rows.listen, rows.getSnapshot)} />;
}

const root = () => createRoot(document.querySelector('#root') ?? document.body);

async function untilRendered(): Promise<void> {
  while (renders < ROWS) await new Promise((resolve) => setTimeout(resolve, 10));
  renders = 0;
}

export const react = {
  async byTidewire(): Promise<void> {
    const dialect = new TidewireDialect(ALL_FEATURES);
    Installed.shared.dialect = dialect;
    const client = createRealtimeClient(clientOptions({ url: 'ws://127.0.0.1' }));
    root().render(
      <RealtimeProvider client={client}>
        <ListOfCollection />
      </RealtimeProvider>,
    );
    await untilRendered();
    const { latest } = Installed.shared;
    globalThis.source = sourceOf(
      (n) => dialect.rowChange('rows', changedRow(n)),
      (events) => latest?.deliver(events),
      () => renders,
    );
  },

  async byHand(): Promise<void> {
    const dialect = new TidewireDialect(ALL_FEATURES);
    const rows = new RowsByHand(initialRows());
    root().render(<ListByHand rows={rows} />);
    await untilRendered();
    globalThis.source = sourceOf(
      (n) => dialect.rowChange('rows', changedRow(n)),
      (events) => events.forEach(rows.receive),
      () => renders,
    );
  },
};

export type ReactPage = typeof react;

Object.assign(globalThis, { react });
