/** A component that is edited while it is mounted keeps the state of its hooks. */

import { StrictMode } from 'react';
import { beforeEach, expect, it } from 'vitest';
import { report } from '../page.js';
import { reload } from './hot-reload.js';
import { freshStage, happen, members, mount, type Stage } from './stage.js';

let stage: Stage;

beforeEach(async () => {
  stage = await freshStage();
});

it('an edit keeps messages, rows and memberships', async () => {
  const received: string[] = [];
  /** The component, as it is after an edit. */
  const edition = (label: string) =>
    function Chat() {
      const { messages } = stage.useMessages('news');
      const { items } = stage.useCollection<{ id: string }>('notes', { load: () => [] });
      stage.usePresence('room', { mood: 'fine' });
      stage.useRealtimeChannel('news', {}, () => received.push(label));
      return `${label}: ${messages.length} messages, ${items.length} rows`;
    };
  const Chat = await reload('Chat', edition('first'));
  const mounted = await mount(
    <StrictMode>
      <stage.RealtimeProvider client={stage.realtimeClient}>
        <Chat />
      </stage.RealtimeProvider>
    </StrictMode>,
  );
  const [number] = stage.engine.of('openCollection')[0] ?? [];
  await happen(() => {
    report(stage.engine).message('news', 1);
    report(stage.engine).batch();
    report(stage.engine).collection(number, { rows: [{ id: '1' }] });
  });
  expect(mounted.text).toBe('first: 1 messages, 1 rows');
  await reload('Chat', edition('second'));
  expect(mounted.text).toBe('second: 1 messages, 1 rows');
  await happen(() => report(stage.engine).message('news', 2));
  expect(received).toEqual(['first', 'second']);
  expect(stage.engine.of('openCollection')).toHaveLength(1);
  expect(stage.engine.of('presence')).toHaveLength(1);
  expect(members(stage.engine, 'news')).toHaveLength(2);
});
