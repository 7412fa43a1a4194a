import { expect, it } from 'vitest';
import {
  addNote,
  type Interview,
  type Note,
  notesOn,
  notesWithReplies,
  type Reply,
  replyToNote,
  setInterviewStatus,
} from '../../../pkg-template/src/services/index.js';
import { recordingList } from './service-page.js';

const note = (id: string, more: Partial<Note> = {}): Note => ({
  id,
  interview_id: '7',
  script_item_ids: [],
  content: `note ${id}`,
  ...more,
});

const reply = (id: string, note_id: string, more: Partial<Reply> = {}): Reply => ({
  id,
  note_id,
  interview_id: '7',
  content: `reply ${id}`,
  ...more,
});

it('notes have their replies, in their orders, without deleted ones', () => {
  const notes = [note('b'), note('a'), note('gone', { is_deleted: true })];
  const replies = [
    reply('2', 'a'),
    reply('1', 'a'),
    reply('3', 'gone'),
    reply('4', 'elsewhere'),
    reply('5', 'b', { is_deleted: true }),
  ];
  const threads = notesWithReplies(notes, replies);
  expect(threads.map(({ id, replies }) => [id, replies.map(({ id }) => id)])).toEqual([
    ['b', []],
    ['a', ['2', '1']],
  ]);
  expect(notes[1]).toEqual(note('a'));
});

it('notesOn returns the notes on a part of the interview', () => {
  const notes = [note('a', { script_item_ids: ['3', '4'] }), note('b')];
  expect(notesOn(notes, '4')).toEqual([notes[0]]);
});

it('a note, a reply and a status are changes of rows', () => {
  const notes = recordingList<Note>();
  addNote(notes.list, 7, { content: 'Hm' });
  addNote(notes.list, '7', { content: 'Hm', script_item_ids: ['3'] });
  expect(notes.requested).toEqual([
    ['insert', { interview_id: '7', content: 'Hm', script_item_ids: [] }],
    ['insert', { interview_id: '7', content: 'Hm', script_item_ids: ['3'] }],
  ]);
  const replies = recordingList<Reply>();
  replyToNote(replies.list, note('a'), 'So?');
  expect(replies.requested).toEqual([
    ['insert', { interview_id: '7', note_id: 'a', content: 'So?' }],
  ]);
  const interviews = recordingList<Interview>();
  setInterviewStatus(interviews.list, '1', 'completed');
  expect(interviews.requested).toEqual([['update', '1', { status: 'completed' }]]);
});

it('a note that is not stored cannot be replied to: its id will change', () => {
  const replies = recordingList<Reply>();
  expect(() => replyToNote(replies.list, note('tmp:m'), 'So?')).toThrow(
    expect.objectContaining({
      code: 'invalid_argument',
      message: 'The note must be stored first.',
    }),
  );
  expect(replies.requested).toEqual([]);
});
