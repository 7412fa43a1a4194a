/** ActiveUsers and TypingIndicator: members and typing users. */
import { beforeEach, expect, it } from 'vitest';
import { report } from '../page.js';
import {
  type Components,
  find,
  freshComponents,
  happen,
  mount,
  mountAt,
  pass,
  reported,
} from './stage.js';

let stage: Components;

beforeEach(async () => {
  stage = await freshComponents();
});

const joins = (...people: [id: string, meta: object][]) =>
  happen(() =>
    report(stage.engine).presence(
      'room',
      ...people.map(([id, meta]) => ['join', id, [meta]] as ['join', string, object[]]),
    ),
  );

const names = (mounted: { element: HTMLElement }): (string | null)[] =>
  [...mounted.element.querySelectorAll('.tw-user-name')].map(({ textContent }) => textContent);

it('lists the presence by name with the count, and tracks this user', async () => {
  const mounted = await mountAt(
    '2026-01-01T12:00:00Z',
    <stage.ActiveUsers channel="room" me={{ name: 'Ann' }} />,
  );
  expect(mounted.text).toContain('Nobody is here');
  expect(stage.engine.of('presence')[0]?.at(-1)).toBe('{"name":"Ann"}');
  await joins(
    ['7', { name: 'Zoe' }],
    ['8', { user_name: 'Bob', avatar_url: '/bob.png' }],
    ['cid', {}],
  );
  expect(names(mounted)).toEqual(['Bob', 'cid', 'Zoe']);
  expect(find(mounted, '.tw-user-count').textContent).toBe('3 people are here');
  expect(reported(mounted)).toEqual(['3 people are here']);
  expect(mounted.element.querySelector('img')?.getAttribute('src')).toBe('/bob.png');
  await happen(() => report(stage.engine).presence('room', ['leave', '7', [], [{}]]));
  await pass(5_000);
  expect(reported(mounted)).toEqual(['2 people are here']);
});

it('accepts the app’s own presence and rendering', async () => {
  const present = new Map([['1', [{ nick: 'Al' }, { nick: 'Alan' }]]]);
  const mounted = await mount(
    <stage.ActiveUsers
      present={present}
      describe={({ nick }) => ({ name: `${nick}` })}
      renderItem={({ name, metas }) => (
        <i>
          {name} in {metas.length} tabs
        </i>
      )}
      texts={{ count: (count) => `${count} da` }}
    />,
  );
  expect(find(mounted, 'i').textContent).toBe('Alan in 2 tabs');
  expect(mounted.text).toContain('1 da');
  expect(stage.engine.of('subscribe')).toHaveLength(1);
});

it('typing users are shown by name, and further ones by their number', async () => {
  const mounted = await mount(<stage.TypingIndicator channel="room" me="Ann" />);
  const announced = () => find(mounted, 'output').textContent;
  expect(announced()).toBe('');
  const type = (...who: string[]) => happen(() => report(stage.engine).typing('room', ...who));
  await type('Ann', 'Bob');
  expect(announced()).toBe('Bob is typing');
  await type('Ann', 'Bob', 'Cid', 'Dan');
  expect(announced()).toBe('Bob, Cid, and Dan are typing');
  await type('Bob', 'Cid', 'Dan', 'Eve', 'Fay');
  expect(announced()).toBe('Bob, Cid, and 3 others are typing');
  await type();
  expect(announced()).toBe('');
});

it('names are joined in the page’s language', async () => {
  document.documentElement.lang = 'de';
  const mounted = await mount(
    <stage.TypingIndicator
      who={['Bob', 'Cid', 'Dan']}
      max={2}
      texts={{
        typing: (names, count) => `${names} ${count === 1 ? 'schreibt' : 'schreiben'}`,
        others: (count) => `${count} andere`,
      }}
    />,
  );
  expect(mounted.text).toBe('Bob und 2 andere schreiben');
  document.documentElement.lang = '';
});
