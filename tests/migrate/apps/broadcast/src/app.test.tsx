import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import {
  BroadcastAction,
  getInterviewChannelName,
  InterviewBroadcastType,
  MessageFactory,
} from '@/lib/realtime/broadcast';
import { Notes } from './Notes';

it('the first render is not connected', () => {
  const text = renderToString(createElement(Notes, { interviewId: 'i' }));
  expect(text).toContain('not live');
});

it('messages have an envelope', () => {
  const message = MessageFactory.create(
    InterviewBroadcastType.INTERVIEW_NOTE,
    BroadcastAction.CREATE,
    { interview_id: 'i', content: 'Hello' },
    'ann',
  );
  expect(message).toMatchObject({
    type: 'interview_note',
    action: 'create',
    metadata: { userId: 'ann', timestamp: expect.any(Number) },
  });
  expect(getInterviewChannelName('i')).toBe('interview:i');
});
