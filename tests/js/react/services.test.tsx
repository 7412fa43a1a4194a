/** Services in React: the snippets of docs/services.md work. */
import { readFileSync } from 'node:fs';
import * as react from 'react';
import { act } from 'react';
import { transformWithOxc } from 'vite';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

const docs = readFileSync(`${import.meta.dirname}/../../../docs/services.md`, 'utf8');
const snippets = [...docs.matchAll(/```tsx\n([\s\S]*?)```/g)].map(([, text = '']) => text);

let stage: Stage;
let services: typeof import('../../../pkg-template/src/services/index.js');

beforeEach(async () => {
  stage = await freshStage();
  services = await import('../../../pkg-template/src/services/index.js');
});

/** The component that a snippet exports. */
async function component<P>(name: string): Promise<react.ComponentType<P>> {
  const source = snippets.find((text) => text.includes(`export function ${name}(`)) ?? '';
  const { code } = await transformWithOxc(source, 'snippet.tsx', { jsx: { runtime: 'classic' } });
  const modules = { 'tidewire/react': stage, 'tidewire/services': services };
  const body = code
    .replace(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];')
    .replace(/^export /gm, '');
  return new Function('modules', 'React', `${body}\nreturn ${name};`)(modules, react);
}

/** The numbers of the collections of a channel that are open. */
const opened = (channel: string) => members(stage.engine, channel);

it('every snippet is run', () => {
  const names = snippets.map((text) => text.match(/export function (\w+)/)?.[1]);
  expect(names).toEqual(['Notes', 'Ticker']);
});

it('the snippet Notes shows two lists of one interview, and changes one', async () => {
  const Notes = await component<{ interview: string }>('Notes');
  const mounted = await mount(<Notes interview="7" />);
  const [notes] = opened('interview-notes:7');
  const [replies] = opened('interview-replies:7');
  const note = { id: 'a', content: 'first', interview_id: '7' };
  await happen(() => {
    report(stage.engine).collection(notes, { rows: [note] });
    report(stage.engine).collection(replies, {
      rows: [{ id: '1', note_id: 'a' } as { id: string }],
    });
  });
  expect(mounted.text).toBe('first, 1 repliesAdd');
  await act(async () => mounted.element.querySelector('button')?.click());
  expect(JSON.parse(String(stage.engine.of('mutate')[0]?.at(-1)))).toEqual({
    interview_id: '7',
    script_item_ids: [],
    content: 'Hm',
  });
  await mounted.render(<Notes interview="8" />);
  expect(opened('interview-notes:8')).toHaveLength(1);
  expect(opened('interview-replies:7')).toEqual([]);
});

it('the snippet Ticker receives messages and rows of one map', async () => {
  const Ticker = await component<{ announce: (status: string) => void }>('Ticker');
  const announce = vi.fn();
  const mounted = await mount(<Ticker announce={announce} />);
  const [bids] = opened('bids:1');
  await happen(() => {
    report(stage.engine).message('bill:7', { new_status: 'floor' }, 'status_change');
    report(stage.engine).collection(bids, { rows: [{ id: '1', amount: 7 } as { id: string }] });
  });
  expect(announce).toHaveBeenCalledExactlyOnceWith('floor');
  expect(mounted.text).toBe('7');
});

it('options made in every render do not open a collection again', async () => {
  const service = services.bids({ source: services.rest({ base: '/api' }) });
  function Bids({ of }: { of: string | null }) {
    return <p>{stage.useCollection(of && service.bids.at(of)).items.length}</p>;
  }
  const mounted = await mount(<Bids of={null} />);
  expect(stage.engine.of('openCollection')).toEqual([]);
  await mounted.render(<Bids of="1" />);
  await mounted.render(<Bids of="1" />);
  expect(stage.engine.of('openCollection')).toHaveLength(1);
});
