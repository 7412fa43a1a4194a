import { createElement, type ReactNode } from 'react';
import { useView } from '../use-view.js';
import { useProjectStore } from './provider.js';

const STYLES = {
  green: { text: 'Connected', backgroundColor: '#22c55e' },
  yellow: { text: 'Connecting…', backgroundColor: '#eab308' },
  red: { text: 'Connection error', backgroundColor: '#ef4444' },
};

/**
 * A dot: red after an error, yellow until the project is live, then green. The tooltip describes the state.
 *
 * @deprecated Use `useConnection` of `tidewire/react`.
 */
export function ConnectionIndicator(): ReactNode {
  const { connectionState, error } = useView(useProjectStore('ConnectionIndicator'));
  const colour = error ? 'red' : connectionState === 'connected' ? 'green' : 'yellow';
  const { text, backgroundColor } = STYLES[colour];
  const title = error ? `${text}: ${error.message}` : text;
  return createElement('span', {
    role: 'img',
    className: `connection-indicator connection-indicator-${colour}`,
    title,
    'aria-label': title,
    style: { display: 'inline-block', width: 8, height: 8, borderRadius: '50%', backgroundColor },
  });
}
