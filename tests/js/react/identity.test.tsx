/** The hooks when another user signs in: nothing of the former one is shown. */
import { act } from 'react';
import { beforeEach, expect, it } from 'vitest';
import { report } from '../page.js';
import { freshStage, happen, mount, type Stage } from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

function Page() {
  const { items } = stage.useCollection<{ id: string }>('room');
  const { present } = stage.usePresence('room');
  const { messages } = stage.useMessages<string>('room');
  const last = stage.useLastMessage<string>('room');
  const { who } = stage.useTyping('room');
  return (
    <p>
      {items.map(({ id }) => id)} {[...present.keys()]} {messages.map(({ message }) => message)}{' '}
      {last?.message} {who}
    </p>
  );
}

it('shows nothing that the former user received, in the task of setToken', async () => {
  const mounted = await mount(<Page />);
  const engine = report(stage.engine);
  const collection = stage.engine.of('openCollection')[0]?.[0];
  await happen(() => {
    engine.collection(collection, { rows: [{ id: 'row' }] });
    engine.presence('room', ['join', 'ann', [{}], [{}]]);
    engine.message('room', 'hello', 'chat');
    engine.typing('room', 'ann');
    engine.batch();
  });
  expect(mounted.text).toBe('row ann hello hello ann');
  // Received, and not shown yet.
  await happen(() => engine.message('room', 'later', 'chat'));
  act(() => {
    stage.realtimeClient.setToken(null);
    // As the engine does within the call.
    engine.presence('room', ['leave', 'ann', [], [{}]]);
    engine.collection(collection, { status: 'loading' });
    engine.typing('room');
    engine.channel('room', 'joining', 'fresh', undefined, 'identity_changed');
  });
  expect(mounted.text.trim()).toBe('');
  await happen(() => engine.batch());
  expect(mounted.text.trim()).toBe('');
  await happen(() => {
    engine.message('room', 'next', 'chat');
    engine.batch();
  });
  expect(mounted.text.trim()).toBe('next next');
});

it('a channel event with another reason keeps the messages', async () => {
  const mounted = await mount(<Page />);
  const engine = report(stage.engine);
  await happen(() => {
    engine.message('room', 'hello', 'chat');
    engine.batch();
    engine.channel('room', 'joining', 'fresh', undefined, 'connection_down');
    engine.channel('other', 'joining', 'fresh', undefined, 'identity_changed');
  });
  expect(mounted.text.trim()).toBe('hello hello');
});
