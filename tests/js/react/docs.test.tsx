/** The snippets of docs/react.md work. */
import type { ComponentType } from 'react';
import { act } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { readDocument } from '../snippets.js';
import { freshStage, happen, mount, type Stage } from './stage.js';

const docs = readDocument('react.md');

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

/** The component that a snippet exports. */
const component = <P = object>(name: string): Promise<ComponentType<P>> =>
  docs.component<P>(name, { tidewire: stage, 'tidewire/react': stage });

it('every snippet is run here, and every hook has a row', () => {
  expect(docs.names).toEqual(['App', 'Total', 'Chat', 'Notes', 'Room', 'Ticker']);
  const documented = [...docs.text.matchAll(/^\| `(use\w+)\(/gm)].map(([, name]) => name);
  const hooks = Object.keys(stage).filter((name) => name.startsWith('use'));
  expect(new Set(documented)).toEqual(new Set(hooks));
});

it('the snippet App shows the state of its client', async () => {
  const App = await component<{ token: string }>('App');
  const mounted = await mount(<App token="t" />);
  expect(mounted.text).toBe('idle');
});

it('the snippet Total sums the received amounts', async () => {
  const Total = await component<{ account: string | null }>('Total');
  const mounted = await mount(<Total account={null} />);
  await mounted.render(<Total account="7" />);
  await happen(() => report(stage.engine).message('payments:7', { amount: 2 }));
  await happen(() => report(stage.engine).message('payments:7', { amount: 3 }));
  expect(mounted.text).toBe('5');
});

it('the snippet Chat shows messages and a gap', async () => {
  const Chat = await component('Chat');
  const mounted = await mount(<Chat />);
  await happen(() => {
    report(stage.engine).message('room', { text: 'hello' });
    report(stage.engine).batch();
  });
  await happen(() => report(stage.engine).channel('room', 'ready', 'gap'));
  expect(mounted.text).toBe('Some messages are lost.hello');
});

it('the snippet Notes loads, adds and removes rows', async () => {
  const rows = [{ id: '1', title: 'Bread' }];
  const fetch = vi.fn(async () => ({ json: async () => rows }));
  vi.stubGlobal('fetch', fetch);
  const Notes = await component('Notes');
  const mounted = await mount(<Notes />);
  expect(mounted.text).toBe('Loading');
  const [number] = stage.engine.of('openCollection')[0] ?? [];
  report(stage.engine).request(number, 'Load', 1);
  await vi.waitFor(() => expect(stage.engine.of('answerLoad')[0]?.[2]).toEqual(rows));
  expect(fetch).toHaveBeenCalledWith('/notes');
  await happen(() => report(stage.engine).collection(number, { rows }));
  const [add, bread] = mounted.element.querySelectorAll('button');
  await act(async () => {
    add?.click();
    bread?.click();
  });
  expect(stage.engine.of('mutate').map(([, , , action, key]) => [action, key])).toEqual([
    [0, undefined],
    [2, '1'],
  ]);
  const [[, mutation] = []] = stage.engine.of('mutate');
  const added = [...rows, { id: 'tmp:1', title: 'Milk' }];
  await happen(() =>
    report(stage.engine).collection(number, { rows: added, pending: [[mutation, 'tmp:1']] }),
  );
  expect(mounted.text).toBe('AddBreadMilk …');
  vi.unstubAllGlobals();
});

it('the snippet Room tracks presence, and shows members and typing', async () => {
  const Room = await component<{ name: string }>('Room');
  const mounted = await mount(<Room name="Ann" />);
  expect(stage.engine.of('presence')[0]?.at(-1)).toBe('{"name":"Ann"}');
  await happen(() => {
    report(stage.engine).presence('room', ['join', 'bob', [{ name: 'Bob' }]]);
    report(stage.engine).typing('room', 'Bob');
  });
  expect(mounted.text).toBe('BobBob typing');
});

it('the snippet Ticker receives typed messages', async () => {
  const Ticker = await component<{ left: (who: string) => void }>('Ticker');
  const left = vi.fn();
  const mounted = await mount(<Ticker left={left} />);
  await happen(() => {
    report(stage.engine).message('room:1', { who: 'Bob' }, 'left');
    report(stage.engine).message('news', { title: 'It works' });
    report(stage.engine).batch();
  });
  expect(left).toHaveBeenCalledExactlyOnceWith('Bob');
  expect(mounted.text).toBe('It works');
});
