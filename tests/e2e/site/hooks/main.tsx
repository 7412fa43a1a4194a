/** An app with the hooks, in StrictMode and the development build; it counts renders for the tests. */
import { type ReactNode, StrictMode, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { createRealtimeClient } from 'tidewire';
import {
  type CollectionView,
  RealtimeProvider,
  useCollection,
  useLastMessage,
} from 'tidewire/react';

/** A row. `mark` identifies it under its temporary key and its real one. */
export interface Card {
  id: string;
  mark: string;
  title: string;
}

/** What the page exposes to tests. */
export interface HooksPage {
  client: ReturnType<typeof createRealtimeClient>;
  /** Renders so many listeners of `news`, now. */
  show(count: number): void;
  /** How often each of them was rendered and put on the page. */
  commits: number[];
  /** The rows and the functions that change them, as last rendered. */
  board: CollectionView<Card> | undefined;
  /** Rows that a render showed twice. */
  doubled: string[];
  /** Of boards that share their rows: what each render showed, and how often these were loaded. */
  renders: string[];
  loads: number;
}

const query = new URLSearchParams(location.search);
const client = createRealtimeClient({
  url: query.get('url') ?? '',
  getToken: () => query.get('token'),
  reconnect: { baseMs: 20, maxMs: 200 },
});
const page: HooksPage = {
  client,
  show: () => {},
  commits: [],
  board: undefined,
  doubled: [],
  renders: [],
  loads: 0,
};
Object.assign(window, { page });

function Listener({ n }: { n: number }): ReactNode {
  const last = useLastMessage<{ n: number }>('news');
  useEffect(() => {
    page.commits[n] = (page.commits[n] ?? 0) + 1;
  });
  return <li>{last?.message.n ?? 'nothing'}</li>;
}

function Listeners(): ReactNode {
  const [count, setCount] = useState(0);
  page.show = (next) => flushSync(() => setCount(next));
  return (
    <ol>
      {Array.from({ length: count }, (_, n) => n).map((n) => (
        <Listener key={n} n={n} />
      ))}
    </ol>
  );
}

function Board({ table }: { table: string }): ReactNode {
  const board = useCollection<Card>('board:x', {
    load: async () => (await fetch(table)).json(),
  });
  page.board = board;
  const marks = board.items.map(({ mark }) => mark);
  page.doubled.push(...marks.filter((mark, at) => marks.indexOf(mark) !== at));
  return (
    <ul>
      {board.items.map(({ id, title }) => (
        <li key={id}>{title}</li>
      ))}
    </ul>
  );
}

const table = query.get('table');

const shared = {
  load: async (): Promise<Card[]> => {
    page.loads++;
    return (await fetch(table ?? '')).json();
  },
};

function SharedBoard(): ReactNode {
  const { items, isLoading } = useCollection<Card>('board:x', shared);
  page.renders.push(isLoading ? 'loading' : items.map(({ title }) => title).join());
  return items.map(({ id, title }) => <li key={id}>{title}</li>);
}

function SharedBoards(): ReactNode {
  const [count, setCount] = useState(0);
  page.show = (next) => flushSync(() => setCount(next));
  return (
    <ul>
      {Array.from({ length: count }, (_, n) => n).map((n) => (
        <SharedBoard key={n} />
      ))}
    </ul>
  );
}

function Page(): ReactNode {
  if (query.has('shared')) return <SharedBoards />;
  return table === null ? <Listeners /> : <Board table={table} />;
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <RealtimeProvider client={client}>
      <Page />
    </RealtimeProvider>
  </StrictMode>,
);
