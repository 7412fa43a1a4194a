import type { ReactNode } from 'react';
import type { Heard } from 'tidewire/react';
import type { BillEvents } from 'tidewire/services';
import { When } from '../../pane/when.tsx';

/** What happens to a bill, besides being looked at. */
type Told = Pick<BillEvents, 'status_change' | 'amendment' | 'voting_scheduled'>;

/** A message of one of these kinds. */
export type BillEvent = {
  [E in keyof Told]: Heard<Told[E]> & { meta: { event?: E } };
}[keyof Told];

const KINDS: readonly (string | undefined)[] = ['status_change', 'amendment', 'voting_scheduled'];

/** Tells what happens from what is counted. */
export const isBillEvent = (heard: Heard<object>): heard is BillEvent =>
  KINDS.includes(heard.meta.event);

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

function wordsOf({ meta, message }: BillEvent): [kind: string, words: ReactNode] {
  if (meta.event === 'status_change') {
    const { old_status: before, new_status: after, reason } = message as Told['status_change'];
    return ['Status', `from ${before} to ${after}${reason ? `: ${reason}` : ''}`];
  }
  if (meta.event === 'amendment') {
    const { type, title, summary } = message as Told['amendment'];
    return ['Amendment', `${type}: ${title}. ${summary}`];
  }
  const vote = message as Told['voting_scheduled'];
  const when = day.format(new Date(vote.voting_date));
  return ['Vote', `${vote.voting_type} vote on ${when}, ${vote.chamber}`];
}

interface Props {
  event: BillEvent;
}

/** One thing that happened. */
export function BillEventLine({ event }: Props) {
  const [kind, words] = wordsOf(event);
  return (
    <p className="bill-event" data-event={event.meta.event}>
      <b>{kind}</b> {words} <When at={event.message.timestamp} />
    </p>
  );
}
