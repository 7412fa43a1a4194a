/** usePresence and useTyping: the others' presence and typing, and this client's own. */
import { StrictMode } from 'react';
import { beforeEach, expect, it, type Mock, vi } from 'vitest';
import type { TypingView } from '../../../pkg-template/src/react/index.js';
import { report } from '../page.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

let stage: Stage;
let rendered: Mock<(shown?: unknown) => void>;

beforeEach(async () => {
  stage = await freshStage();
  rendered = vi.fn();
});

interface Mood {
  mood: string;
}

function Members({ me, id }: { me?: Mood | null; id?: string }) {
  const { present } = stage.usePresence<Mood>('room', me, id === undefined ? {} : { key: id });
  rendered(present);
  return <p>{[...present].map(([key, [meta]]) => `${key} ${meta?.mood}`).join(', ')}</p>;
}

/** The presence calls of the engine: 0 track, 1 update, 2 untrack. */
const requested = () =>
  stage.engine.of('presence').map(([, , action, key, meta]) => [action, key, meta]);

it('shows the members, and renders once for all changes of a report', async () => {
  const mounted = await mount(<Members />);
  expect(mounted.text).toBe('');
  rendered.mockClear();
  await happen(() =>
    report(stage.engine).presence(
      'room',
      ['sync'],
      ['join', 'ann', [{ mood: 'fine' }]],
      ['join', 'bob', [{ mood: 'tired' }]],
    ),
  );
  expect(mounted.text).toBe('ann fine, bob tired');
  expect(rendered).toHaveBeenCalledOnce();
  await happen(() => report(stage.engine).presence('room', ['leave', 'ann']));
  expect(mounted.text).toBe('bob tired');
  expect(requested()).toEqual([]);
});

it('tracks once, updates if the meta changes, and untracks at the end', async () => {
  const page = (mood: string | null) => (
    <StrictMode>
      <Members id="ann" me={mood === null ? null : { mood }} />
    </StrictMode>
  );
  const mounted = await mount(page('fine'));
  await mounted.render(page('fine'));
  expect(requested()).toEqual([[0, 'ann', '{"mood":"fine"}']]);
  await mounted.render(page('tired'));
  expect(requested().slice(1)).toEqual([[1, undefined, '{"mood":"tired"}']]);
  await mounted.render(page(null));
  expect(requested().slice(2)).toEqual([[2, undefined, undefined]]);
  await mounted.render(page('back'));
  expect(requested().slice(3)).toEqual([[0, 'ann', '{"mood":"back"}']]);
  await mounted.unmount();
  expect(requested().slice(4)).toEqual([[2, undefined, undefined]]);
  expect(members(stage.engine, 'room')).toEqual([]);
});

it('several components share one presence: the newest meta is sent, and the last unmount ends it', async () => {
  const first = await mount(<Members me={{ mood: 'fine' }} />);
  const second = await mount(<Members me={{ mood: 'tired' }} />);
  await second.unmount();
  expect(requested().map(([, , meta]) => meta)).toEqual([
    '{"mood":"fine"}',
    '{"mood":"tired"}',
    '{"mood":"fine"}',
  ]);
  const third = await mount(<Members me={{ mood: 'fine' }} />);
  await third.unmount();
  expect(requested(), 'an equal meta is not sent again').toHaveLength(3);
  await first.unmount();
  expect(requested().at(-1)?.[0]).toBe(2);
});

it('useTyping returns the other typing users, once each', async () => {
  let view: TypingView | undefined;
  function Typists() {
    view = stage.useTyping('room', 'Ann');
    rendered();
    return <p>{view.who.join(', ')}</p>;
  }
  const mounted = await mount(<Typists />);
  await happen(() => report(stage.engine).typing('room', 'Ann', 'Bob'));
  expect(mounted.text).toBe('Bob');
  rendered.mockClear();
  await happen(() => report(stage.engine).typing('room', 'Bob'));
  expect(rendered).not.toHaveBeenCalled();
  view?.start();
  view?.start();
  expect(stage.engine.of('typing')).toEqual([
    ['room', true],
    ['room', true],
  ]);
  await mounted.unmount();
  expect(stage.engine.of('typing').at(-1)).toEqual(['room', false]);
  view?.start();
  expect(stage.engine.of('typing')).toHaveLength(3);
});
