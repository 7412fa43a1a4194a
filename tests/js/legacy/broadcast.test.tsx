/** The older broadcast channels and hooks, with an engine double. */
import { type ReactNode, StrictMode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { InterviewNotesBroadcast } from '../../../pkg-template/src/legacy/broadcast/index.js';
import { engineError, report } from '../page.js';
import { happen, members, mount } from '../react/stage.js';
import { type LegacyStage, legacyStage } from './stage.js';
import { storeCollections } from './stored-collections.js';

let stage: LegacyStage;
/** Loads all rows, as the engine does once it is connected. */
let load: () => void;

beforeEach(async () => {
  stage = await legacyStage();
  load = storeCollections(stage, stage.engine);
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

/** The options of all subscriptions to a channel. */
const options = (channel: string) =>
  stage.engine
    .of('subscribe')
    .filter(([, name]) => name === channel)
    .map(([, , options]) => options);

it('getChannel while it is joined returns the same channel, and merges further options', async () => {
  stage = await legacyStage('supabase');
  const { channelManager } = stage.broadcast;
  const channel = channelManager.getChannel({ name: 'room' });
  const subscribed = channel.subscribe();
  expect(channel.getState()).toMatchObject({ isSubscribing: true, isSubscribed: false });
  expect(channelManager.getChannel({ name: 'room', ack: true, selfBroadcast: true })).toBe(channel);
  await stage.join('room');
  await subscribed;
  expect(channel.getState()).toMatchObject({ isSubscribed: true });
  expect(options('room')).toEqual([
    { broadcast: { ack: false, self: false }, presence: false },
    { broadcast: { ack: true, self: true }, presence: false },
  ]);
  expect(members(stage.engine, 'room'), 'the former subscription was released').toHaveLength(1);
});

it('a channel that failed, or was left, can be subscribed to again', async () => {
  const { channelManager } = stage.broadcast;
  const channel = channelManager.getChannel({ name: 'room' });
  const failed = channel.subscribe();
  const reported = vi.fn();
  channel.onError(reported);
  await happen(() =>
    report(stage.engine).channel(
      'room',
      'failed',
      'fresh',
      engineError('forbidden'),
      'join_refused',
    ),
  );
  await expect(failed).rejects.toMatchObject({ code: 'forbidden' });
  expect(channel.getState()).toMatchObject({ isSubscribed: false, error: { code: 'forbidden' } });
  await channel.unsubscribe();
  expect(members(stage.engine, 'room')).toEqual([]);
  report(stage.engine).channel('room', 'left', 'fresh');
  const again = channel.subscribe();
  await stage.join('room');
  await again;
  expect(channel.getState()).toMatchObject({ isSubscribed: true });
  const handler = vi.fn();
  channel.on('note', handler);
  report(stage.engine).message('room', { type: 'note', id: '1' }, 'note');
  expect(handler).toHaveBeenCalledExactlyOnceWith({ type: 'note', id: '1' });
});

it('the first unsubscribe keeps the channel for the others; removeChannel does not', async () => {
  const { channelManager } = stage.broadcast;
  const [one, other] = [0, 1].map(() => channelManager.getChannel({ name: 'room' }));
  void one?.subscribe();
  void other?.subscribe();
  await stage.join('room');
  const handler = vi.fn();
  other?.on('note', handler);
  await one?.unsubscribe();
  report(stage.engine).message('room', { type: 'note' }, 'note');
  expect(handler).toHaveBeenCalledOnce();
  channelManager.removeChannel('room');
  expect(members(stage.engine, 'room')).toEqual([]);
  expect(channelManager.getChannel({ name: 'room' })).not.toBe(one);
  channelManager.cleanup();
});

it('handlers receive only their type, and one that throws does not affect the others', async () => {
  const channel = stage.broadcast.channelManager.getChannel({ name: 'room' });
  void channel.subscribe();
  await stage.join('room');
  const [reported, other, failed] = [vi.fn(), vi.fn(), vi.fn()];
  channel.onError(failed);
  const off = channel.on('note', () => {
    throw Error('of the handler');
  });
  channel.on('note', reported);
  channel.on('*', other);
  report(stage.engine).message('room', { type: 'note' }, 'note');
  expect(reported).toHaveBeenCalledOnce();
  expect(other).not.toHaveBeenCalled();
  expect(failed.mock.calls[0]?.[0]).toMatchObject({ message: 'of the handler' });
  off();
  report(stage.engine).message('room', { type: 'note' }, 'note');
  expect(failed).toHaveBeenCalledOnce();
});

it('send rejects without a subscription, and with the reason if it fails', async () => {
  const { channelManager, MessageFactory } = stage.broadcast;
  const channel = channelManager.getChannel({ name: 'room', ack: true });
  const message = MessageFactory.createAction('note', {}, 'ann');
  await expect(channel.send(message)).rejects.toThrow('Channel is not connected');
  void channel.subscribe();
  const sent = channel.send(message);
  const [number, name, text, , event] = stage.engine.of('send').at(-1) ?? [];
  expect([name, event, JSON.parse(text as string)]).toEqual(['room', 'note', message]);
  report(stage.engine).send(number, 'failed', engineError('rejected'));
  await expect(sent).rejects.toThrow('Failed to send message: It is rejected.');
});

it('isConnected follows the connection, and the channel joins again by itself', async () => {
  const channel = stage.broadcast.channelManager.getChannel({ name: 'room' });
  void channel.subscribe();
  await stage.connect();
  await stage.join('room');
  expect(channel.getState()).toEqual({
    isConnected: true,
    isSubscribed: true,
    isSubscribing: false,
  });
  await happen(() => {
    report(stage.engine).channel('room', 'joining', 'fresh', undefined, 'connection_down');
    report(stage.engine).state('reconnecting', 'connection_lost');
  });
  expect(channel.getState()).toMatchObject({ isConnected: false, isSubscribing: true });
  expect(members(stage.engine, 'room')).toHaveLength(1);
});

it('getSupabaseChannel returns the channel with Supabase’s methods', async () => {
  const channel = stage.broadcast.channelManager.getChannel({ name: 'room' });
  const realtime = await channel.getSupabaseChannel();
  const [received, status] = [vi.fn(), vi.fn()];
  realtime.on('broadcast', { event: 'moved' }, received).subscribe(status);
  await stage.join('room');
  report(stage.engine).message('room', { x: 1 }, 'moved');
  expect(received).toHaveBeenCalledExactlyOnceWith({
    type: 'broadcast',
    event: 'moved',
    payload: { x: 1 },
  });
  expect(status.mock.calls).toEqual([['SUBSCRIBED', undefined]]);
  expect(realtime.topic).toBe('realtime:room');
});

let notes: InterviewNotesBroadcast;

function Notes({ enabled = true }: { enabled?: boolean }): ReactNode {
  notes = stage.broadcast.useInterviewNotesBroadcast({ interviewId: 'i1', enabled });
  return notes.notes.map(({ content }) => content).join(' ');
}

it('two components on one interview share a channel, and unmounting one keeps it for the other', async () => {
  const [one, other] = [
    await mount(
      <StrictMode>
        <Notes />
      </StrictMode>,
    ),
    await mount(<Notes />),
  ];
  expect(notes.isLoading).toBe(true);
  stage.data.load.mockImplementation(async (table) =>
    table === 'interview_notes'
      ? ([{ id: '1', content: 'one', interview_id: 'i1' }] as never[])
      : [],
  );
  await stage.connect();
  await stage.join('interview:i1');
  await happen(load);
  expect([one.text, other.text]).toEqual(['one', 'one']);
  expect(notes).toMatchObject({ isLoading: false, isConnected: true, error: null });
  await one.unmount();
  expect(members(stage.engine, 'interview:i1')).toHaveLength(1);
  const { MessageFactory, InterviewBroadcastType } = stage.broadcast;
  const type = InterviewBroadcastType.INTERVIEW_NOTE;
  const payload = { id: '2', content: 'two', interview_id: 'i1' };
  await happen(() =>
    report(stage.engine).message(
      'interview:i1',
      MessageFactory.createAction(type, payload, 'bob'),
      type,
    ),
  );
  expect(other.text).toBe('two one');
  await other.unmount();
  expect(members(stage.engine, 'interview:i1')).toEqual([]);
});

it('a note that is edited before it is stored is edited by its real id', async () => {
  await mount(<Notes />);
  await stage.join('interview:i1');
  await happen(load);
  let store: (row: object) => void = () => {};
  stage.data.insert.mockReturnValue(
    new Promise((resolve) => {
      store = resolve;
    }),
  );
  await happen(() => void notes.addNote({ scriptItemIds: [], content: 'one' }));
  expect(notes.isAddingNote).toBe(true);
  expect(notes.notes[0]?.created_by_profile).toMatchObject({ id: 'ann', name: 'Ann' });
  expect(stage.data.insert.mock.calls[0]?.[2]).toEqual({
    script_item_ids: [],
    content: 'one',
    created_by: 'ann',
    company_id: 'acme',
  });
  const tempId = notes.notes[0]?.id ?? '';
  const edited = notes.updateNote(tempId, 'two');
  await happen(() => store({ id: '7', content: 'one', interview_id: 'i1' }));
  await happen(() => edited);
  expect(stage.data.update.mock.calls[0]?.slice(2, 4)).toEqual(['7', { content: 'two' }]);
  expect(notes.notes).toMatchObject([{ id: '7', tempId, content: 'two' }]);
  expect(notes.isAddingNote).toBe(false);
});

it('a rejection is shown as a toast, is logged, and resolves: add, update, delete', async () => {
  await mount(<Notes />);
  stage.data.load.mockImplementation(async (table) =>
    table === 'interview_notes'
      ? ([{ id: '1', content: 'one', interview_id: 'i1' }] as never[])
      : [],
  );
  await stage.join('interview:i1');
  await happen(load);
  for (const method of ['insert', 'update', 'remove'] as const) {
    stage.data[method].mockRejectedValue(Error('rejected'));
  }
  const shown = (): string[] => notes.notes.map(({ content }) => content);
  await happen(() => void notes.updateNote('1', 'changed'));
  await happen(() => void notes.deleteNote('1'));
  await happen(() => void notes.addNote({ scriptItemIds: [], content: 'two' }));
  await vi.waitFor(() => expect(stage.notices).toHaveLength(3));
  await happen();
  expect(shown()).toEqual(['one']);
  expect(
    stage.notices.every(({ type, message }) => type === 'error' && /rejected/.test(message)),
  ).toBe(true);
  expect(console.error).toHaveBeenCalledTimes(3);
  // The others received each change, and its rollback.
  const reported = stage.engine
    .of('send')
    .map(([, , text]) => JSON.parse(text as string))
    .map(({ action, payload }) => [action, payload.id ?? payload.tempId, payload.content]);
  expect(reported).toEqual([
    ['update', '1', 'changed'],
    ['update', '1', 'one'],
    ['delete', '1', undefined],
    ['create', '1', 'one'],
    ['create', expect.stringMatching(/^temp-/), 'two'],
    ['delete', expect.stringMatching(/^temp-/), undefined],
  ]);
});

it('a note that was only broadcast is loaded before it is changed, and shows as broadcast if that is rejected', async () => {
  await mount(<Notes />);
  await stage.join('interview:i1');
  await happen(load);
  const { MessageFactory, InterviewBroadcastType } = stage.broadcast;
  const type = InterviewBroadcastType.INTERVIEW_NOTE;
  const broadcast = (action: 'create' | 'update', content: string) => {
    const payload = { id: '2', content, interview_id: 'i1' };
    const message = MessageFactory.create(type, action, payload, 'bob');
    return happen(() => report(stage.engine).message('interview:i1', message, type));
  };
  await broadcast('create', 'two');
  stage.data.load.mockImplementation(async (table) =>
    table === 'interview_notes'
      ? ([{ id: '2', content: 'two', interview_id: 'i1' }] as never[])
      : [],
  );
  const shown = (): string[] => notes.notes.map(({ content }) => content);
  await happen(() => void notes.updateNote('2', 'mine'));
  await vi.waitFor(() =>
    expect(stage.data.update.mock.calls[0]?.slice(2, 4)).toEqual(['2', { content: 'mine' }]),
  );
  await happen();
  expect(shown()).toEqual(['mine']);
  await broadcast('update', 'theirs');
  stage.data.update.mockRejectedValue(Error('rejected'));
  await happen(() => void notes.updateNote('2', 'mine again'));
  await vi.waitFor(() => expect(stage.notices).toHaveLength(1));
  await happen();
  expect(shown()).toEqual(['theirs']);
});

it('without a user, or without a channel: a toast, and it resolves', async () => {
  await mount(<Notes enabled={false} />);
  expect(notes.isLoading).toBe(false);
  await notes.addNote({ scriptItemIds: [], content: 'one' });
  stage.auth.mockReturnValue(null);
  await notes.deleteNote('1');
  expect(stage.notices.map(({ type }) => type)).toEqual(['error', 'error']);
  expect(stage.engine.of('subscribe').map(([, name]) => name)).toEqual(['base']);
});

it('outside of the provider the context’s hooks throw, and name themselves', async () => {
  const { useBroadcastRealtime, useBroadcastInterviews } = stage.broadcast;
  const Outside = (): ReactNode => useBroadcastInterviews().length;
  const Context = (): ReactNode => String(useBroadcastRealtime().isLoading);
  await expect(mount(<Outside />)).rejects.toThrow('useBroadcastInterviews must be used within');
  await expect(mount(<Context />)).rejects.toThrow('useBroadcastRealtime must be used within');
});

it('without a company or a user nothing is subscribed to, and it resolves', async () => {
  const { BroadcastRealtimeProvider, useBroadcastRealtime } = stage.broadcast;
  let realtime: ReturnType<typeof useBroadcastRealtime> | undefined;
  const Project = (): ReactNode => {
    realtime = useBroadcastRealtime();
    return null;
  };
  await mount(
    <BroadcastRealtimeProvider>
      <Project />
    </BroadcastRealtimeProvider>,
  );
  expect(realtime).toMatchObject({ isLoading: false, isConnected: false, error: null });
  stage.auth.mockReturnValue(null);
  await realtime?.subscribeToProject('p1');
  expect(stage.engine.of('subscribe').map(([, name]) => name)).toEqual(['base']);
});
