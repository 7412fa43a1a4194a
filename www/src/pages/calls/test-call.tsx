import type { CollectionView } from 'tidewire/react';
import { type Call, isRunning } from 'tidewire/services';
import { useDemoSession } from '../../pane/use-demo-session.ts';

interface Props {
  calls: CollectionView<Call>;
}

/** The payout of a test call. */
const PAYOUT = 25;

/** Moves a test call to its next state with each press. */
export function TestCall({ calls }: Props) {
  const { person } = useDemoSession();
  const own = calls.items.find((call) => call.provider === `test-${person.id}` && isRunning(call));
  const now = (): string => new Date().toISOString();

  const ring = (): void => {
    calls.insert({
      external_id: `test-${Date.now()}`,
      provider: `test-${person.id}`,
      tracking_number: '+1 555 0100',
      caller_number: '+1 555 0123',
      status: 'ringing',
      started_at: now(),
      duration_seconds: 0,
    } as Call);
  };
  const answer = (call: Call): void => {
    calls.update(call.id, { status: 'connected', answered_at: now(), buyer_name: person.name });
  };
  const hangUp = (call: Call): void => {
    const talked = Date.now() - Date.parse(call.answered_at ?? now());
    calls.update(call.id, {
      status: 'completed',
      ended_at: now(),
      duration_seconds: Math.max(1, Math.round(talked / 1_000)),
      payout: PAYOUT,
      quality_score: 80,
    });
  };
  return (
    <button
      type="button"
      className="button"
      data-testid="test-call"
      onClick={() => {
        if (!own) ring();
        else if (own.status === 'connected') hangUp(own);
        else answer(own);
      }}
    >
      {!own ? 'Ring a test call' : own.status === 'connected' ? 'Hang it up' : 'Answer it'}
    </button>
  );
}
