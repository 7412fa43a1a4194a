/** The snippets of the guides to the older interview hooks work, and their tables name existing tests. */
import { readFileSync } from 'node:fs';
import * as react from 'react';
import { act, type ComponentType } from 'react';
import { transformWithOxc } from 'vite';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { happen, mount } from '../react/stage.js';
import { type LegacyStage, legacyStage } from './stage.js';
import { storeCollections } from './stored-collections.js';

const ROOT = `${import.meta.dirname}/../../..`;

const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8');

let stage: LegacyStage;

beforeEach(async () => {
  stage = await legacyStage();
});

/** Runs the snippets of a guide, one after the other; returns the component of the last one. */
async function run(guide: string): Promise<ComponentType> {
  const snippets = [...read(guide).matchAll(/```tsx?\n([\s\S]*?)```/g)].map(
    ([, text = '']) => text,
  );
  const modules = {
    react,
    'tidewire/legacy': {
      configureLegacy: (options: object) =>
        stage.configureLegacy({ data: stage.data, ...options, client: stage.client }),
    },
    'tidewire/legacy/interviews': stage.interviews,
    'tidewire/legacy/broadcast': stage.broadcast,
  };
  let App: ComponentType | undefined;
  for (const source of snippets) {
    const { code } = await transformWithOxc(source, 'snippet.tsx', { jsx: { runtime: 'classic' } });
    const body = code
      .replace(/^import (\{.*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];')
      .replace(/^export /gm, '');
    const work = `return (async () => {${body}\nreturn typeof App === 'undefined' ? {} : { App };})()`;
    const running = new Function('modules', 'React', 'supabase', work)(modules, react);
    let made: { App?: ComponentType } | undefined;
    running.then((result: { App?: ComponentType }) => {
      made = result;
    });
    // One snippet waits for its channel and for an acknowledgement.
    await act(() =>
      vi.waitFor(() => {
        report(stage.engine).channel('interview:i1', 'ready', 'fresh');
        for (const [number] of stage.engine.of('send')) {
          report(stage.engine).send(number, 'acked', { confirmed: true });
        }
        if (!made) throw Error('the snippet is still running');
      }),
    );
    App = made?.App ?? App;
  }
  if (!App) throw Error(`${guide} shows no app`);
  return App;
}

it('interviews: a project is subscribed to, and its interviews show', async () => {
  const App = await run('docs/legacy/interviews.md');
  const mounted = await mount(<App />);
  expect(mounted.text).toBe('Loading…');
  const channel = 'company-c1-project-p1';
  await happen(() => report(stage.engine).channel(channel, 'ready', 'fresh'));
  const [number] = stage.engine.of('openCollection')[0] ?? [];
  const rows = [{ id: '1', title: 'First', note_count: 2 }];
  await happen(() => report(stage.engine).collection(number, { rows }));
  await happen(() => {
    for (const [notes] of stage.engine.of('openCollection').slice(1)) {
      report(stage.engine).collection(notes, {});
    }
  });
  expect(mounted.text).toBe('First (2)');
});

it('broadcast: notes are shown, added and deleted; manually they are sent as envelopes', async () => {
  const App = await run('docs/legacy/broadcast.md');
  expect(stage.engine.of('send').map(([, channel, , , event]) => [channel, event])).toEqual([
    ['interview:i1', 'interview_note'],
  ]);
  stage.data.load.mockImplementation(async (table) =>
    table === 'interview_notes'
      ? ([{ id: '1', content: 'Good', interview_id: 'i1' }] as never[])
      : [],
  );
  const load = storeCollections(stage, stage.engine);
  const mounted = await mount(<App />);
  await happen(() => report(stage.engine).channel('interview:i1', 'ready', 'fresh'));
  await happen(load);
  expect(mounted.text).toBe('GoodAdd');
  await happen(() => mounted.element.querySelector('button')?.click());
  expect(mounted.text).toBe('NewGoodAdd');
  const [, good] = mounted.element.querySelectorAll('p');
  await act(async () => {
    good?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
  });
  expect(stage.data.remove).toHaveBeenCalled();
});

/** The rows of a table of compatibility decisions: its tests as `file › name`, the files by the names the text gives them. */
function namedTests(table: string): [file: string, name: string][] {
  const text = read(table);
  const files = new Map(
    [...text.matchAll(/`(\w+)` is\s+`([^`]+)`/g)].map(([, name, path]) => [name, path]),
  );
  return [...text.matchAll(/^\|.*\|$/gm)]
    .map(([row]) => row.split('|').at(-2)?.trim() ?? '')
    .filter((cell) => cell.includes('›'))
    .flatMap((cell) => cell.split(/; (?=\w+ ›)/))
    .map((cell) => {
      const [file = '', name = ''] = cell.split(' › ');
      return [files.get(file) ?? file, name];
    });
}

it.each(['interviews', 'broadcast'])(
  '%s: every compatibility decision names an existing test',
  (family) => {
    const named = namedTests(`docs/legacy/compatibility-${family}.md`);
    expect(named.length).toBeGreaterThan(20);
    for (const [file, name] of named) expect(read(file), `${file} › ${name}`).toContain(name);
  },
);

it.each(['interviews', 'broadcast'])('%s: every compatibility decision has a test', (family) => {
  const rows = [...read(`docs/legacy/compatibility-${family}.md`).matchAll(/^\|.*\|$/gm)].slice(2);
  for (const [row] of rows) expect(row).toContain('›');
});
