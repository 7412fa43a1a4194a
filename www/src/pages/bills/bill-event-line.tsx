import type { ReactNode } from 'react';
import type { ReceivedMessage } from 'tidewire/react';
import type { BillEvents } from 'tidewire/services';
import { When } from '../../pane/when.tsx';

/** The events of a bill, without its engagement. */
type BillEventPayloads = Pick<BillEvents, 'status_change' | 'amendment' | 'voting_scheduled'>;

/** A message of one of these kinds. */
export type BillEvent = {
  [E in keyof BillEventPayloads]: ReceivedMessage<BillEventPayloads[E]> & { meta: { event?: E } };
}[keyof BillEventPayloads];

const KINDS: readonly (string | undefined)[] = ['status_change', 'amendment', 'voting_scheduled'];

/** Distinguishes bill events from engagement messages. */
export const isBillEvent = (received: ReceivedMessage<object>): received is BillEvent =>
  KINDS.includes(received.meta.event);

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

function describe({ meta, message }: BillEvent): [kind: string, description: ReactNode] {
  if (meta.event === 'status_change') {
    const {
      old_status: before,
      new_status: after,
      reason,
    } = message as BillEventPayloads['status_change'];
    return ['Status', `from ${before} to ${after}${reason ? `: ${reason}` : ''}`];
  }
  if (meta.event === 'amendment') {
    const { type, title, summary } = message as BillEventPayloads['amendment'];
    return ['Amendment', `${type}: ${title}. ${summary}`];
  }
  const vote = message as BillEventPayloads['voting_scheduled'];
  const when = day.format(new Date(vote.voting_date));
  return ['Vote', `${vote.voting_type} vote on ${when}, ${vote.chamber}`];
}

interface Props {
  event: BillEvent;
}

/** One event. */
export function BillEventLine({ event }: Props) {
  const [kind, description] = describe(event);
  return (
    <p className="bill-event" data-event={event.meta.event}>
      <b>{kind}</b> {description} <When at={event.message.timestamp} />
    </p>
  );
}
