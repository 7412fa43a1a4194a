/** The snippets of docs/react.md do what they say. */
import { readFileSync } from 'node:fs';
import * as react from 'react';
import { act } from 'react';
import { transformWithOxc } from 'vite';
import { beforeEach, expect, it, vi } from 'vitest';
import { say } from '../page.js';
import { freshStage, happen, mount, type Stage } from './stage.js';

const docs = readFileSync(`${import.meta.dirname}/../../../docs/react.md`, 'utf8');
const snippets = [...docs.matchAll(/```tsx\n([\s\S]*?)```/g)].map(([, text = '']) => text);

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

/** The component that a snippet exports; `about`: a text that tells the snippet apart. */
async function component<P = object>(name: string): Promise<react.ComponentType<P>> {
  const about = `export function ${name}(`;
  const source = snippets.find((text) => text.includes(about)) ?? '';
  const { code } = await transformWithOxc(source, 'snippet.tsx', { jsx: { runtime: 'classic' } });
  const modules = { react, tidewire: stage, 'tidewire/react': stage };
  const body = code
    .replace(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];')
    .replace(/^export /gm, '');
  return new Function('modules', 'React', `${body}\nreturn ${name};`)(modules, react);
}

it('every snippet is run here, and every hook has a row', () => {
  const names = snippets.map((text) => text.match(/export function (\w+)/)?.[1]);
  expect(names).toEqual(['App', 'Total', 'Chat', 'Notes', 'Room', 'Ticker']);
  const told = [...docs.matchAll(/^\| `(use\w+)\(/gm)].map(([, name]) => name);
  const hooks = Object.keys(stage).filter((name) => name.startsWith('use'));
  expect(new Set(told)).toEqual(new Set(hooks));
});

it('a client', async () => {
  const App = await component<{ token: string }>('App');
  const mounted = await mount(<App token="t" />);
  expect(mounted.text).toBe('idle');
});

it('a callback', async () => {
  const Total = await component<{ account: string | null }>('Total');
  const mounted = await mount(<Total account={null} />);
  await mounted.render(<Total account="7" />);
  await happen(() => say(stage.engine).message('payments:7', { amount: 2 }));
  await happen(() => say(stage.engine).message('payments:7', { amount: 3 }));
  expect(mounted.text).toBe('5');
});

it('messages', async () => {
  const Chat = await component('Chat');
  const mounted = await mount(<Chat />);
  await happen(() => {
    say(stage.engine).message('room', { text: 'hello' });
    say(stage.engine).batch();
  });
  await happen(() => say(stage.engine).channel('room', 'ready', 'gap'));
  expect(mounted.text).toBe('Some messages are lost.hello');
});

it('a collection', async () => {
  const rows = [{ id: '1', title: 'Bread' }];
  const fetch = vi.fn(async () => ({ json: async () => rows }));
  vi.stubGlobal('fetch', fetch);
  const Notes = await component('Notes');
  const mounted = await mount(<Notes />);
  expect(mounted.text).toBe('Loading');
  const [number] = stage.engine.of('openCollection')[0] ?? [];
  say(stage.engine).ask(number, 'Load', 1);
  await vi.waitFor(() => expect(stage.engine.of('answerLoad')[0]?.[2]).toEqual(rows));
  expect(fetch).toHaveBeenCalledWith('/notes');
  await happen(() => say(stage.engine).collection(number, { rows }));
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
    say(stage.engine).collection(number, { rows: added, pending: [[mutation, 'tmp:1']] }),
  );
  expect(mounted.text).toBe('AddBreadMilk …');
  vi.unstubAllGlobals();
});

it('presence and typing', async () => {
  const Room = await component<{ name: string }>('Room');
  const mounted = await mount(<Room name="Ann" />);
  expect(stage.engine.of('presence')[0]?.at(-1)).toBe('{"name":"Ann"}');
  await happen(() => {
    say(stage.engine).presence('room', ['join', 'bob', [{ name: 'Bob' }]]);
    say(stage.engine).typing('room', 'Bob');
  });
  expect(mounted.text).toBe('BobBob typing');
});

it('types', async () => {
  const Ticker = await component<{ left: (who: string) => void }>('Ticker');
  const left = vi.fn();
  const mounted = await mount(<Ticker left={left} />);
  await happen(() => {
    say(stage.engine).message('room:1', { who: 'Bob' }, 'left');
    say(stage.engine).message('news', { title: 'It works' });
    say(stage.engine).batch();
  });
  expect(left).toHaveBeenCalledExactlyOnceWith('Bob');
  expect(mounted.text).toBe('It works');
});
