import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { useInterviews } from '@/lib/realtime';
import { channelRegistry } from './hooks';
import { Interviews } from './Interviews';

it('begins empty and disconnected', () => {
  const text = renderToString(createElement(Interviews));
  expect(text).toContain('disconnected');
  expect(text).toContain('0');
});

it('the hooks name their provider', () => {
  const Lost = () => useInterviews().length;
  expect(() => renderToString(createElement(Lost))).toThrow('ImprovedRealtimeProvider');
});

it('no channel is open', () => {
  expect(channelRegistry.getChannelStats().totalChannels).toBe(0);
});
