/** useCollection: rows are loaded once, changes are shown at once, and completed after unmounting. */
import { act, StrictMode, useEffect } from 'react';
import { beforeEach, expect, it, type Mock, vi } from 'vitest';
import type { CollectionOptions } from '../../../pkg-template/src/index.js';
import type { CollectionView } from '../../../pkg-template/src/react/index.js';
import { engineError, report, uncaughtError } from '../page.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

interface Note {
  id: string;
  text: string;
}

let stage: Stage;
let rendered: Mock<(shown?: unknown) => void>;
/** The result of the hook in the last render. */
let view: CollectionView<Note>;

beforeEach(async () => {
  stage = await freshStage();
  rendered = vi.fn();
});

interface NotesProps {
  channel?: string | null;
  options?: CollectionOptions<Note>;
}

function Notes({ channel = 'notes', options }: NotesProps) {
  view = stage.useCollection<Note>(channel, options);
  rendered();
  return <p>{view.isLoading ? 'loading' : view.items.map(({ text }) => text).join(' ')}</p>;
}

const one: Note = { id: '1', text: 'one' };
const two: Note = { id: '2', text: 'two' };

/** The number of the collection opened last. */
const opened = (): unknown => stage.engine.of('openCollection').at(-1)?.[0];
const show = (shown: Parameters<ReturnType<typeof report>['collection']>[1]) =>
  happen(() => report(stage.engine).collection(opened(), shown));

it('shows the rows, and renders once for each report of the engine', async () => {
  const mounted = await mount(<Notes />);
  expect(mounted.text).toBe('loading');
  rendered.mockClear();
  await show({ rows: [one, two] });
  expect(mounted.text).toBe('one two');
  expect(rendered).toHaveBeenCalledOnce();
  const { items } = view;
  await show({ rows: [one, two] });
  expect(rendered).toHaveBeenCalledOnce();
  await happen(() => report(stage.engine).state('ready'));
  expect(view).toMatchObject({ isConnected: true, error: null, continuity: 'fresh' });
  expect(view.items).toBe(items);
  expect(rendered).toHaveBeenCalledTimes(2);
});

it('changes rows; the functions stay the same', async () => {
  await mount(<Notes />);
  await show({ rows: [one] });
  const { insert, update, remove, reload } = view;
  const mutation = insert({ text: 'three' });
  update('1', { text: 'uno' });
  remove('1');
  reload();
  expect(stage.engine.of('mutate').map(([, , , action, key]) => [action, key])).toEqual([
    [0, undefined],
    [1, '1'],
    [2, '1'],
  ]);
  expect(stage.engine.of('reload')).toEqual([[opened()]]);
  const [number] = stage.engine.of('mutate').map(([, id]) => id);
  await show({ rows: [one, { id: 'tmp:1', text: 'three' }], pending: [[number, 'tmp:1']] });
  expect(view.pending).toMatchObject([{ id: mutation.id, kind: 'insert' }]);
  expect(view.insert).toBe(insert);
});

it('StrictMode: opened once, so loaded once', async () => {
  await mount(
    <StrictMode>
      <Notes options={{ load: () => [] }} />
    </StrictMode>,
  );
  expect(stage.engine.of('openCollection')).toHaveLength(1);
  expect(stage.engine.of('closecollection')).toEqual([]);
});

it('options written inline: opened again only if their content changes', async () => {
  const load = vi.fn(() => [one]);
  const options = (limit: number): CollectionOptions<Note> => ({ limit, load: () => load() });
  const mounted = await mount(<Notes options={options(5)} />);
  await mounted.render(<Notes options={options(5)} />);
  expect(stage.engine.of('openCollection')).toHaveLength(1);
  const newest = vi.fn(() => [two]);
  await mounted.render(<Notes options={{ limit: 5, load: newest }} />);
  expect(stage.engine.of('openCollection')).toHaveLength(1);
  await happen(() => report(stage.engine).request(opened(), 'Load', 1));
  await vi.waitFor(() => expect(stage.engine.of('answerLoad')[0]?.[2]).toEqual([two]));
  expect(load).not.toHaveBeenCalled();
  await mounted.render(<Notes options={options(6)} />);
  expect(stage.engine.of('openCollection')).toHaveLength(2);
  expect(members(stage.engine, 'notes')).toHaveLength(1);
});

it('without a name nothing is opened, and nothing can be changed', async () => {
  const mounted = await mount(<Notes channel={null} />);
  expect(stage.engine.of('openCollection')).toEqual([]);
  expect(view).toMatchObject({ items: [], isLoading: false });
  expect(() => view.insert({ text: 'x' })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
  await mounted.render(<Notes />);
  expect(view.isLoading).toBe(true);
});

it('a change made just before unmounting is completed, and then the collection is closed', async () => {
  const mounted = await mount(<Notes />);
  const { insert } = view;
  const mutation = insert({ text: 'three' });
  await mounted.unmount();
  expect(members(stage.engine, 'notes')).toHaveLength(1);
  const [number] = stage.engine.of('mutate').map(([, id]) => id);
  await happen(() => report(stage.engine).mutation(number, 'acked', { confirmed: true, row: one }));
  await expect(mutation.promise).resolves.toMatchObject({ row: one });
  await happen();
  expect(members(stage.engine, 'notes')).toEqual([]);
  await expect(insert({ text: 'too late' }).promise).rejects.toMatchObject({ code: 'aborted' });
});

it('child components may change rows in their first effects', async () => {
  function Adder({ insert }: Pick<CollectionView<Note>, 'insert'>) {
    useEffect(() => void insert({ text: 'from a child' }), [insert]);
    return null;
  }
  function Parent() {
    const { insert } = stage.useCollection<Note>('notes');
    return <Adder insert={insert} />;
  }
  await mount(<Parent />);
  expect(stage.engine.of('mutate')).toHaveLength(1);
  expect(members(stage.engine, 'notes')).toHaveLength(1);
});

it('a rejection of the collection or of a change is reported, and the component stays mounted', async () => {
  const onError = vi.fn();
  await mount(<Notes options={{ onError }} />);
  await show({ rows: [one] });
  const mutation = view.update('1', { text: 'rejected' });
  const [number] = stage.engine.of('mutate').map(([, id]) => id);
  await happen(() => report(stage.engine).mutation(number, 'failed', engineError('invalid')));
  await expect(mutation.promise).rejects.toMatchObject({ code: 'invalid' });
  stage.double.beforeEachCall((method) => {
    if (method === 'openCollection') throw engineError('channel_limit');
  });
  await mount(<Notes channel="full" options={{ onError }} />);
  expect(view).toMatchObject({ isLoading: false, error: { code: 'channel_limit' } });
  expect(onError).toHaveBeenCalledExactlyOnceWith(view.error);
});

it('an onError that throws is reported as uncaught, and the tree stays mounted', async () => {
  stage.double.beforeEachCall((method) => {
    if (method === 'openCollection') throw engineError('channel_limit');
  });
  const onError = (): void => {
    throw Error('of the app');
  };
  expect(await uncaughtError(() => mount(<Notes options={{ onError }} />))).toEqual(
    Error('of the app'),
  );
  expect(view).toMatchObject({ isLoading: false, error: { code: 'channel_limit' } });
});

it('a report after unmounting causes no render', async () => {
  const mounted = await mount(<Notes />);
  const number = opened();
  await mounted.unmount();
  rendered.mockClear();
  act(() => report(stage.engine).collection(number, { rows: [one] }));
  expect(rendered).not.toHaveBeenCalled();
});

it('accepts a channel with its options, as services return them', async () => {
  const sort = (a: Note, b: Note) => b.id.localeCompare(a.id);
  function Placed({ of }: { of: string | null }) {
    view = stage.useCollection(of && { channel: `notes:${of}`, options: { limit: 5, sort } });
    return <p>{view.items.map(({ text }) => text).join(' ')}</p>;
  }
  const mounted = await mount(<Placed of={null} />);
  expect(stage.engine.of('openCollection')).toEqual([]);
  await mounted.render(<Placed of="7" />);
  await mounted.render(<Placed of="7" />);
  expect(stage.engine.of('openCollection').map(([, , ...rest]) => rest)).toMatchObject([
    ['notes:7', {}, { limit: 5 }],
  ]);
  await show({ rows: [one, two] });
  expect(mounted.text).toBe('two one');
});

it('a change of a former channel is stored by the functions for that one', async () => {
  const stored: string[] = [];
  const persist = (channel: string) => async () => {
    stored.push(channel);
  };
  const notes = (channel: string) => (
    <Notes {...{ channel, options: { persist: persist(channel) } }} />
  );
  const mounted = await mount(notes('notes:1'));
  const former = opened();
  const mutation = view.insert({ text: 'three' });
  await mounted.render(notes('notes:2'));
  const [[, number] = []] = stage.engine.of('mutate');
  const change = { kind: 'insert', key: 'tmp:1', row: { text: 'three' } };
  report(stage.engine).request(former, 'Persist', 1, change, mutation.id, number);
  view.insert({ text: 'four' });
  report(stage.engine).request(opened(), 'Persist', 2, change, 'other', 0);
  await vi.waitFor(() => expect(stored).toEqual(['notes:1', 'notes:2']));
  await happen(() => report(stage.engine).mutation(number, 'acked', { confirmed: true, row: one }));
});

it('rows that the engine has already are in the first render, and no collection is opened for them', async () => {
  // Starts the engine.
  const before = await mount(<Notes channel="other" />);
  stage.engine.peeked.set('notes', [[two, one], ['2', '1'], [], [], 1]);
  const options = { sort: (a: Note, b: Note) => a.text.localeCompare(b.text) };
  const shown: string[] = [];
  function Coming() {
    const { items, isLoading } = stage.useCollection<Note>('notes', options);
    shown.push(isLoading ? 'loading' : items.map(({ text }) => text).join(' '));
    return null;
  }
  rendered.mockClear();
  const opens = stage.engine.of('openCollection').length;
  await mount(<Coming />);
  expect(shown[0]).toBe('one two');
  const [peek] = stage.engine.of('peekCollection').slice(-1);
  const [open] = stage.engine.of('openCollection').slice(opens);
  expect(peek).toEqual(open?.slice(2));
  await before.unmount();
});

it('two components with the same functions have the same options at the engine', async () => {
  const load = () => [];
  const options = () => ({ load, onError: () => {} });
  await mount(
    <>
      <Notes options={options()} />
      <Notes options={options()} />
      <Notes options={{ load: () => [] }} />
    </>,
  );
  const reported = stage.engine.of('openCollection').map(([, , ...rest]) => JSON.stringify(rest));
  expect(reported).toHaveLength(3);
  expect(new Set(reported).size).toBe(2);
  expect(reported[0]).toBe(reported[1]);
});
