import { createElement, type ReactNode } from 'react';
import { useImproved } from './use-improved-realtime.js';

const COLOURS = { green: '#22c55e', yellow: '#eab308', red: '#ef4444' } as const;

/**
 * A dot: red after an error, yellow until the project is live, then green. The tooltip has the same as text.
 *
 * @deprecated Use `useConnection` of `tidewire/react`.
 */
export function ConnectionIndicator(): ReactNode {
  const { connectionState, error } = useImproved('ConnectionIndicator');
  const colour = error ? 'red' : connectionState === 'connected' ? 'green' : 'yellow';
  const label = { red: 'Connection error', yellow: 'Connecting…', green: 'Connected' }[colour];
  const title = error ? `${label}: ${error.message}` : label;
  return createElement('span', {
    role: 'img',
    className: `connection-indicator connection-indicator-${colour}`,
    title,
    'aria-label': title,
    style: {
      display: 'inline-block',
      width: 8,
      height: 8,
      borderRadius: '50%',
      backgroundColor: COLOURS[colour],
    },
  });
}
