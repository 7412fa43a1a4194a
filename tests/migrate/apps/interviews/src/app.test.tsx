import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { useInterviews } from '@/lib/realtime';
import { channelRegistry } from './hooks';
import { Interviews } from './Interviews';

it('the first render is empty and disconnected', () => {
  const text = renderToString(createElement(Interviews));
  expect(text).toContain('disconnected');
  expect(text).toContain('0');
});

it('a hook outside of its provider throws an error that names the provider', () => {
  const Outside = () => useInterviews().length;
  expect(() => renderToString(createElement(Outside))).toThrow('ImprovedRealtimeProvider');
});

it('no channel is open', () => {
  expect(channelRegistry.getChannelStats().totalChannels).toBe(0);
});
