import type { State } from 'tidewire';

const TONES: Record<State, 'rest' | 'busy' | 'good' | 'bad'> = {
  idle: 'rest',
  connecting: 'busy',
  authenticating: 'busy',
  ready: 'good',
  reconnecting: 'busy',
  paused: 'rest',
  offline: 'bad',
  failed: 'bad',
  closed: 'rest',
};

interface Props {
  state: State;
}

/** The connection's state, as text and a colour. */
export function StateBadge({ state }: Props) {
  return (
    <strong className={`badge state tone-${TONES[state]}`} data-testid="state" data-state={state}>
      <span className="visually-hidden">Connection: </span>
      {state}
    </strong>
  );
}
