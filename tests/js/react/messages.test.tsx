/** useMessages and useLastMessage: their results, and how often they render. */
import { act, StrictMode } from 'react';
import { beforeEach, expect, it, type Mock, vi } from 'vitest';
import { engineError, report } from '../page.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

let stage: Stage;
let rendered: Mock<(shown?: unknown) => void>;

beforeEach(async () => {
  stage = await freshStage();
  rendered = vi.fn();
});

function List({ channel = 'news', limit = 3 }: { channel?: string | null; limit?: number }) {
  const { messages, continuity, error, clear } = stage.useMessages<string>(channel, { limit });
  rendered(messages);
  return (
    <button type="button" onClick={clear}>
      {messages.map(({ key, message }) => `${key}${message} `)}
      {continuity} {error?.code}
    </button>
  );
}

function Last({ event }: { event?: string }) {
  const last = stage.useLastMessage<string>('news', event);
  rendered(last);
  return <p>{last ? `${last.message} of ${last.meta.channel}` : 'nothing'}</p>;
}

/** Delivers messages, as the engine, without the end of a batch. */
const gather = (...messages: string[]) =>
  happen(() => {
    for (const message of messages) report(stage.engine).message('news', message, message);
  });

/** Ends the batch. */
const batch = () => happen(() => report(stage.engine).batch());

/** Delivers messages and ends the batch. */
const deliver = async (...messages: string[]) => {
  await gather(...messages);
  await batch();
};

it('renders once per batch, and never before its end', async () => {
  vi.useFakeTimers();
  const mounted = await mount(<List limit={100} />);
  rendered.mockClear();
  await deliver(...Array<string>(50).fill('a'));
  expect(rendered).toHaveBeenCalledOnce();
  for (let turn = 0; turn < 20; turn++) await gather('b');
  expect(rendered).toHaveBeenCalledOnce();
  await batch();
  expect(rendered).toHaveBeenCalledTimes(2);
  expect(rendered.mock.lastCall?.[0]).toHaveLength(70);
  await batch();
  expect(rendered).toHaveBeenCalledTimes(2);
  // The engine sets the timers.
  expect(vi.getTimerCount()).toBe(0);
  await mounted.unmount();
  await deliver('c');
  expect(rendered).toHaveBeenCalledTimes(2);
});

it('100 components render once each for a batch', async () => {
  const names = Array.from({ length: 100 }, (_, n) => `${n}`);
  await mount(names.map((name) => <Last key={name} />));
  rendered.mockClear();
  await deliver('a', 'b', 'c');
  expect(rendered).toHaveBeenCalledTimes(100);
  await gather('d');
  await deliver('e');
  expect(rendered).toHaveBeenCalledTimes(200);
});

it('keeps the newest messages up to the limit, each with its key', async () => {
  const mounted = await mount(<List />);
  await deliver('a', 'b', 'c', 'd', 'e');
  expect(mounted.text).toBe('3c 4d 5e fresh ');
  await mounted.render(<List limit={2} />);
  expect(mounted.text).toBe('4d 5e fresh ');
  await mounted.render(<List limit={0} />);
  expect(mounted.text).toBe('fresh ');
});

it('a returned array is never changed', async () => {
  await mount(<List limit={100} />);
  await deliver('a');
  const shown = rendered.mock.lastCall?.[0];
  await deliver('b');
  expect(shown).toHaveLength(1);
});

it('clear removes all messages', async () => {
  const mounted = await mount(<List />);
  await deliver('a');
  await act(async () => mounted.element.querySelector('button')?.click());
  expect(mounted.text).toBe('fresh ');
});

it('returns whether the channel missed messages, and why it failed', async () => {
  const mounted = await mount(<List />);
  await happen(() => report(stage.engine).channel('news', 'ready', 'gap'));
  expect(mounted.text).toBe('gap ');
  await happen(() =>
    report(stage.engine).channel('news', 'failed', 'gap', engineError('forbidden')),
  );
  expect(mounted.text).toBe('gap forbidden');
});

it('events of other channels and of the connection cause no render', async () => {
  await mount(
    <>
      <List />
      <Last event="chat" />
    </>,
  );
  rendered.mockClear();
  await happen(() => {
    report(stage.engine).message('base', 'elsewhere');
    report(stage.engine).channel('base', 'ready', 'gap');
    report(stage.engine).state('ready');
  });
  expect(rendered).not.toHaveBeenCalled();
});

it('another channel starts empty, in the render that names it', async () => {
  const mounted = await mount(<List />);
  await deliver('a');
  rendered.mockClear();
  await mounted.render(<List channel="sport" />);
  expect(rendered.mock.calls.every(([messages]) => (messages as unknown[]).length === 0)).toBe(
    true,
  );
  expect(members(stage.engine, 'news')).toEqual([]);
  await mounted.render(<List channel={null} />);
  expect(members(stage.engine, 'sport')).toEqual([]);
});

it('StrictMode: one membership, opened once', async () => {
  const mounted = await mount(
    <StrictMode>
      <List />
    </StrictMode>,
  );
  expect(stage.engine.of('subscribe').filter(([, name]) => name === 'news')).toHaveLength(1);
  await deliver('a');
  expect(mounted.text).toBe('1a fresh ');
});

it('useLastMessage returns the last message, of one event or of all', async () => {
  const mounted = await mount(
    <>
      <Last />
      <Last event="chat" />
    </>,
  );
  expect(mounted.text).toBe('nothingnothing');
  await deliver('chat', 'left');
  expect(mounted.text).toBe('left of newschat of news');
});

it('an error of the engine is returned', async () => {
  stage.double.beforeEachCall((method) => {
    if (method === 'subscribe') throw engineError('channel_limit');
  });
  const mounted = await mount(<List />);
  expect(mounted.text).toBe('fresh channel_limit');
});
