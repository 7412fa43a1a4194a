/** useRealtimeChannel: which callbacks are called, how often, and with which subscriptions. */
import { act, Component, type ReactNode, StrictMode, useState } from 'react';
import { flushSync } from 'react-dom';
import { beforeEach, expect, it, vi } from 'vitest';
import type { HookOptions } from '../../../pkg-template/src/react/index.js';
import { engineError, report, uncaughtError } from '../page.js';
import {
  freshStage,
  happen,
  type Mounted,
  members,
  mount,
  reactWarnings,
  type Stage,
} from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

interface ListenerProps {
  channel?: string | null;
  what?: string | HookOptions | null;
  received: (message: unknown) => void;
  rendered?: () => void;
}

function Listener({ channel = 'news', what = {}, received, rendered }: ListenerProps) {
  rendered?.();
  stage.useRealtimeChannel(channel, what, (message) => received(message));
  return null;
}

it('the callback receives each message in order, without a render', async () => {
  const [received, rendered] = [vi.fn(), vi.fn()];
  await mount(<Listener received={received} rendered={rendered} />);
  report(stage.engine).message('news', 1);
  report(stage.engine).message('news', 2);
  expect(received.mock.calls).toEqual([[1], [2]]);
  expect(rendered).toHaveBeenCalledOnce();
});

it('StrictMode: one membership, and each message once', async () => {
  const received = vi.fn();
  const mounted = await mount(
    <StrictMode>
      <Listener received={received} />
    </StrictMode>,
  );
  expect(members(stage.engine, 'news')).toHaveLength(1);
  report(stage.engine).message('news', 1);
  expect(received).toHaveBeenCalledOnce();
  await mounted.unmount();
  expect(members(stage.engine, 'news')).toEqual([]);
});

it('a new callback in every render: the latest is called, without a new subscription', async () => {
  const mounted = await mount(<Listener received={() => {}} />);
  const calls = stage.engine.calls.length;
  const received = vi.fn();
  for (let turn = 0; turn < 10; turn++) await mounted.render(<Listener received={() => {}} />);
  await mounted.render(<Listener received={received} />);
  expect(stage.engine.calls).toHaveLength(calls);
  report(stage.engine).message('news', 1);
  expect(received).toHaveBeenCalledOnce();
});

it('options written inline: they are compared by content, and the latest function is called', async () => {
  const received = vi.fn();
  const first = vi.fn();
  const newest = vi.fn();
  const options = (seat: number, onError: () => void) => ({
    params: { seat, tags: ['a'] },
    onError,
  });
  const mounted = await mount(<Listener received={received} what={options(1, first)} />);
  const calls = stage.engine.calls.length;
  await mounted.render(<Listener received={received} what={options(1, newest)} />);
  expect(stage.engine.calls).toHaveLength(calls);
  report(stage.engine).channel('news', 'failed', 'fresh', engineError('forbidden'));
  expect([first.mock.calls.length, newest.mock.calls.length]).toEqual([0, 1]);
  await mounted.render(<Listener received={received} what={options(2, newest)} />);
  expect(stage.engine.of('subscribe').at(-1)?.[2]).toMatchObject({
    params: { seat: 2, tags: ['a'] },
  });
  expect(members(stage.engine, 'news')).toHaveLength(1);
});

it('an event name, as the argument or among the options, filters messages', async () => {
  const [short, long, all] = [vi.fn(), vi.fn(), vi.fn()];
  await mount(
    <>
      <Listener received={short} what="chat" />
      <Listener received={long} what={{ event: 'chat' }} />
      <Listener received={all} what={null} />
    </>,
  );
  report(stage.engine).message('news', 1, 'chat');
  report(stage.engine).message('news', 2, 'left');
  expect(short.mock.calls).toEqual([[1]]);
  expect(long.mock.calls).toEqual([[1]]);
  expect(all.mock.calls).toEqual([[1], [2]]);
});

it('without a channel nothing is subscribed to; another channel replaces the former one', async () => {
  const received = vi.fn();
  const mounted = await mount(<Listener channel={null} received={received} />);
  await mounted.render(<Listener channel="" received={received} />);
  expect(stage.engine.of('subscribe')).toHaveLength(1);
  await mounted.render(<Listener channel="a" received={received} />);
  expect(members(stage.engine, 'a')).toHaveLength(1);
  await mounted.render(<Listener channel="b" received={received} />);
  expect(members(stage.engine, 'a')).toEqual([]);
  await mounted.render(<Listener channel={null} received={received} />);
  expect(members(stage.engine, 'b')).toEqual([]);
  report(stage.engine).message('b', 1);
  expect(received).not.toHaveBeenCalled();
});

it('a component that is unmounted during a delivery receives no more', async () => {
  const second = vi.fn();
  const hide: { now?: () => void } = {};
  function Pair() {
    const [isShown, setShown] = useState(true);
    hide.now = () => flushSync(() => setShown(false));
    return isShown && <Listener received={second} />;
  }
  await mount(
    <>
      <Listener received={() => hide.now?.()} />
      <Pair />
    </>,
  );
  expect(members(stage.engine, 'news')).toHaveLength(2);
  act(() => report(stage.engine).message('news', 1));
  expect(second).not.toHaveBeenCalled();
  expect(members(stage.engine, 'news')).toHaveLength(1);
});

it('after mounting and unmounting 1,000 times no subscription remains', async () => {
  for (let turn = 0; turn < 1_000; turn++) {
    const mounted = await mount(
      <StrictMode>
        <Listener received={() => {}} />
      </StrictMode>,
    );
    await mounted.unmount();
  }
  expect(stage.engine.of('subscribe').length).toBeGreaterThan(1_000);
  expect(members(stage.engine, 'news')).toEqual([]);
}, 30_000);

it('an error of the engine is passed to onError, and the tree stays mounted', async () => {
  const onError = vi.fn();
  stage.double.beforeEachCall((method) => {
    if (method === 'subscribe') throw engineError('channel_limit');
  });
  const mounted = await mount(
    <>
      <Listener received={() => {}} what={{ onError }} />
      still here
    </>,
  );
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'channel_limit' }),
  );
  expect(mounted.text).toBe('still here');
  await happen();
});

it('an onError that throws is reported as uncaught, and the tree stays mounted', async () => {
  const onError = vi.fn(() => {
    throw Error('of the app');
  });
  stage.double.beforeEachCall((method) => {
    if (method === 'subscribe') throw engineError('channel_limit');
  });
  let shown: unknown;
  const Last = (): ReactNode => {
    shown = stage.useMessages('news', { onError }).error;
    return 'messages';
  };
  for (const hook of [
    <Listener key="1" received={() => {}} what={{ onError }} />,
    <Last key="2" />,
  ]) {
    let mounted: Mounted | undefined;
    const uncaught = await uncaughtError(async () => {
      mounted = await mount([hook, 'and here']);
    });
    expect(uncaught).toEqual(Error('of the app'));
    expect(mounted?.text).toContain('and here');
  }
  expect(shown).toMatchObject({ code: 'channel_limit' });
  expect(onError).toHaveBeenCalledTimes(2);
});

class Boundary extends Component<{ children: ReactNode }, { error?: { code: string } }> {
  override state: { error?: { code: string } } = {};
  static getDerivedStateFromError = (error: { code: string }) => ({ error });
  override render() {
    return this.state.error?.code ?? this.props.children;
  }
}

it('a wrong argument is thrown to the error boundary', async () => {
  reactWarnings();
  const mounted = await mount(
    <Boundary>
      <Listener channel={7 as never} received={() => {}} />
    </Boundary>,
  );
  expect(mounted.text).toBe('invalid_argument');
});

it('a callback that throws does not affect the others', async () => {
  const errors = vi.fn();
  stage.realtimeClient.on('error', errors);
  const other = vi.fn();
  await mount(
    <>
      <Listener
        received={() => {
          throw Error('mine');
        }}
      />
      <Listener received={other} />
    </>,
  );
  report(stage.engine).message('news', 1);
  expect(other).toHaveBeenCalledOnce();
  expect(errors).toHaveBeenCalledOnce();
});
