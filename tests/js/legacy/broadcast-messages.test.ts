/** The older envelopes and their handlers: an unchanged format, replaced temporary ids, no removed note that is shown again. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  BaseMessageHandler,
  BroadcastAction,
  type BroadcastMessage,
  getInterviewChannelName,
  getProjectChannelName,
  InterviewBroadcastType,
  type InterviewNote,
  InterviewNoteHandler,
  MessageFactory,
} from '../../../pkg-template/src/legacy/broadcast/index.js';

/** Some day in 2027. */
const NOW = 1_800_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

const NOTE = InterviewBroadcastType.INTERVIEW_NOTE;
const REPLY = InterviewBroadcastType.INTERVIEW_NOTE_REPLY;

type NoteMessage = Parameters<InterviewNoteHandler['handleMessage']>[0];

/** A message about a note. */
const report = (
  action: BroadcastMessage['action'],
  payload: object,
  user = 'bob',
  type = NOTE,
): NoteMessage => MessageFactory.create(type, action, payload, user) as NoteMessage;

const note = (id: string, changes: Partial<InterviewNote> = {}): InterviewNote => ({
  id,
  interview_id: 'i1',
  script_item_ids: [],
  content: id,
  created_at: `2026-01-0${id}`,
  ...changes,
});

const contents = (handler: InterviewNoteHandler) =>
  handler.getNotesForInterview('i1').map(({ content }) => content);

class Handler extends BaseMessageHandler<{ id?: string; tempId?: string; content?: string }> {
  readonly handled: unknown[] = [];
  override handleMessage(message: BroadcastMessage<{ id?: string; content?: string }>): void {
    if (this.accept(message)) this.handled.push(message.payload);
  }
}

it('envelope: id, type, action, payload, and metadata with user and time', () => {
  const message = MessageFactory.create(NOTE, 'create', { id: '1' }, 'ann', { clientId: 'tab' });
  expect(message).toEqual({
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    type: 'interview_note',
    action: 'create',
    payload: { id: '1' },
    metadata: { userId: 'ann', timestamp: NOW, clientId: 'tab' },
  });
  const made = [
    MessageFactory.createAction('t', 1, 'ann'),
    MessageFactory.updateAction('t', 1, 'ann'),
    MessageFactory.deleteAction('t', 1, 'ann'),
    MessageFactory.syncAction('t', 1, 'ann'),
    MessageFactory.presenceAction('t', 1, 'ann', { version: 2 }),
  ];
  expect(made.map(({ action }) => action)).toEqual(Object.values(BroadcastAction));
  expect(new Set(made.map(({ id }) => id)).size).toBe(5);
  expect(made[4]?.metadata).toMatchObject({ version: 2 });
});

it('enum strings and names of channels are unchanged', () => {
  expect(Object.values(BroadcastAction)).toEqual([
    'create',
    'update',
    'delete',
    'sync',
    'presence',
  ]);
  expect(Object.values(InterviewBroadcastType)).toEqual([
    'interview',
    'interview_note',
    'interview_note_reply',
    'interview_presence',
  ]);
  expect(getProjectChannelName('1')).toBe('project:1');
  expect(getInterviewChannelName('1')).toBe('interview:1');
});

it('temporary ids: temp-, the time, and a random part', () => {
  const handler = new InterviewNoteHandler();
  expect(handler.addNoteOptimistic('i1', { content: 'x' })).toMatch(
    /^temp-1800000000000-[a-z\d]+$/,
  );
});

it('five seconds: a confirmed change and equal content of one author are duplicates that long', () => {
  const handler = new Handler();
  handler.addOptimisticUpdate('temp-1', { content: 'same', created_by: 'ann' } as object);
  const create = (payload: object, user = 'ann') =>
    MessageFactory.create('t', 'create', payload, user);
  expect(handler.isDuplicate(create({ content: 'same' }))).toBe(true);
  expect(handler.isDuplicate(create({ content: 'same' }, 'bob'))).toBe(false);
  expect(handler.isDuplicate(create({ content: 'other' }))).toBe(false);
  handler.confirmOptimisticUpdate('temp-1', 'real');
  expect(handler.getOptimisticUpdates()).toMatchObject([{ realId: 'real', status: 'confirmed' }]);
  vi.advanceTimersByTime(4_999);
  expect(handler.isDuplicate(create({ id: 'real', content: 'changed' }))).toBe(true);
  vi.advanceTimersByTime(2);
  expect(handler.isDuplicate(create({ id: 'real', content: 'same' }))).toBe(false);
  expect(handler.getOptimisticUpdates()).toEqual([]);
});

it('ten seconds: older entries are removed on request', () => {
  const handler = new Handler();
  handler.addOptimisticUpdate('temp-1', {});
  vi.advanceTimersByTime(9_999);
  handler.cleanupOptimisticUpdates();
  expect(handler.getOptimisticUpdates()).toMatchObject([{ tempId: 'temp-1', status: 'pending' }]);
  vi.advanceTimersByTime(2);
  handler.cleanupOptimisticUpdates();
  expect(handler.getOptimisticUpdates()).toEqual([]);
  handler.addOptimisticUpdate('temp-2', {});
  handler.clearOptimisticUpdates();
  expect(handler.getOptimisticUpdates()).toEqual([]);
});

it('a repeated message counts once, and a change of an own row by another user counts at once', () => {
  const handler = new Handler();
  const message = MessageFactory.create('t', 'create', { id: '1', content: 'x' }, 'bob');
  handler.handleMessage(message);
  handler.handleMessage(message);
  expect(handler.handled).toHaveLength(1);
  handler.addOptimisticUpdate('temp-1', { content: 'mine' });
  handler.confirmOptimisticUpdate('temp-1', '2');
  const changed = MessageFactory.create('t', 'update', { id: '2', content: 'theirs' }, 'bob');
  expect(handler.isDuplicate(changed)).toBe(false);
});

it('author: a confirmed note has its real id, and keeps its temporary one as its key', () => {
  const handler = new InterviewNoteHandler();
  const tempId = handler.addNoteOptimistic('i1', { content: 'mine' });
  expect(handler.getNotesForInterview('i1')).toMatchObject([{ id: tempId, tempId }]);
  handler.confirmOptimisticUpdate(tempId, '7');
  expect(handler.getNotesForInterview('i1')).toMatchObject([{ id: '7', tempId, content: 'mine' }]);
  // Its own change, broadcast before the response, is the same note.
  const other = handler.addNoteOptimistic('i1', { content: 'second' });
  handler.handleMessage(report('update', note('8', { content: 'second' }), 'ann'));
  handler.confirmOptimisticUpdate(other, '8');
  expect(handler.getNotesForInterview('i1').map(({ id }) => id)).toEqual(['8', '7']);
});

it('peers: the message that confirms a note is applied, however soon, and has its real id', () => {
  const handler = new InterviewNoteHandler();
  handler.handleMessage(report('create', { tempId: 'temp-1', interview_id: 'i1', content: 'x' }));
  expect(handler.getNotesForInterview('i1')).toMatchObject([{ id: 'temp-1', content: 'x' }]);
  handler.handleMessage(report('update', note('9', { content: 'x', tempId: 'temp-1' })));
  expect(handler.getNotesForInterview('i1')).toMatchObject([{ id: '9', tempId: 'temp-1' }]);
  handler.handleMessage(report('delete', { id: '9', interview_id: 'i1' }));
  expect(contents(handler)).toEqual([]);
  // Received by a message and by a load, before a message identifies both as one.
  handler.beginLoad();
  handler.handleMessage(report('create', { tempId: 'temp-2', interview_id: 'i1', content: 'y' }));
  handler.loadInitialData('i1', [note('5', { content: 'y' })]);
  handler.endLoad();
  handler.handleMessage(report('update', note('5', { content: 'y', tempId: 'temp-2' })));
  expect(handler.getNotesForInterview('i1')).toMatchObject([{ id: '5', tempId: 'temp-2' }]);
  expect(contents(handler)).toEqual(['y']);
});

it('a failed note is removed, for its author and by its temporary id for the others', () => {
  const handler = new InterviewNoteHandler();
  const tempId = handler.addNoteOptimistic('i1', { content: 'rejected' });
  handler.failOptimisticUpdate(tempId);
  expect(contents(handler)).toEqual([]);
  handler.handleMessage(report('create', { tempId: 'temp-2', interview_id: 'i1', content: 'x' }));
  handler.handleMessage(report('delete', { tempId: 'temp-2', interview_id: 'i1' }));
  expect(contents(handler)).toEqual([]);
});

it('lists are never changed in place, new notes are first, and sync replaces all', () => {
  const handler = new InterviewNoteHandler();
  const listener = vi.fn();
  const end = handler.subscribe(listener);
  expect(listener).toHaveBeenCalledOnce();
  handler.loadInitialData('i1', [note('1'), note('2')]);
  const before = handler.getNotesForInterview('i1');
  expect(before.map(({ id }) => id)).toEqual(['2', '1']);
  handler.handleMessage(report('create', note('3')));
  expect(contents(handler)).toEqual(['3', '2', '1']);
  expect(before.map(({ id }) => id)).toEqual(['2', '1']);
  expect(handler.getNotesForInterview('i1')).toBe(handler.getNotesForInterview('i1'));
  handler.handleMessage(report('update', { id: '2', interview_id: 'i1', content: 'two' }));
  expect(contents(handler)).toEqual(['3', 'two', '1']);
  const states = listener.mock.calls.map(([{ notes }]) => notes);
  expect(new Set(states).size).toBe(states.length);
  handler.handleMessage(report('sync', { interview_id: 'i1', notes: [note('4')] }));
  expect(contents(handler)).toEqual(['4']);
  end();
});

it('pending changes survive a load, and deleted rows are not shown', () => {
  const handler = new InterviewNoteHandler();
  const tempId = handler.addNoteOptimistic('i1', { content: 'waits' });
  handler.loadInitialData('i1', [note('1'), note('2', { is_deleted: true })]);
  expect(handler.getNotesForInterview('i1').map(({ id }) => id)).toEqual([tempId, '1']);
});

it('changes received during a load are newer than the loaded rows', () => {
  const handler = new InterviewNoteHandler();
  handler.loadInitialData('i1', [note('1'), note('2')]);
  handler.beginLoad();
  const tempId = handler.addNoteOptimistic('i1', { content: 'mine' });
  handler.confirmOptimisticUpdate(tempId, '7');
  handler.handleMessage(report('update', { id: '1', interview_id: 'i1', content: 'one' }));
  handler.handleMessage(report('delete', { id: '2', interview_id: 'i1' }));
  handler.loadInitialData('i1', [note('1'), note('2'), note('3')]);
  handler.endLoad();
  expect(contents(handler)).toEqual(['mine', '3', 'one']);
  handler.loadInitialData('i1', [note('3')]);
  expect(contents(handler)).toEqual(['3']);
});

it('replies have a handler, and go with their interview', () => {
  const handler = new InterviewNoteHandler();
  handler.loadInitialData('i1', [note('1')]);
  const reply = (id: string) => ({ id, note_id: '1', content: `re ${id}` });
  handler.handleMessage(report('create', reply('a'), 'bob', REPLY));
  handler.handleMessage(report('create', reply('b'), 'bob', REPLY));
  handler.handleMessage(report('update', { id: 'a', note_id: '1', content: 'A' }, 'bob', REPLY));
  const [shown] = handler.getNotesForInterview('i1');
  expect(shown?.replies?.map(({ content }) => content)).toEqual(['A', 're b']);
  expect(handler.getState().replies.get('1')).toHaveLength(2);
  handler.clearInterview('i1');
  expect(handler.getState().notes.has('i1')).toBe(false);
  expect(handler.getState().replies.has('1')).toBe(false);
});
