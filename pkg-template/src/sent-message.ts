/** A send as the app sees it. */
import type { RealtimeError } from './errors.js';
import { type Outcome, outcome } from './outcome.js';
import type { Ack, Sent, SentStatus } from './sent.js';

/** The object that the app has of a send. Its promise is made when the app reads it. */
export class SentMessage implements Sent {
  readonly id: string;
  status: SentStatus = 'queued';
  #end: Ack | RealtimeError | undefined;
  #outcome: ReturnType<typeof outcome<Ack>> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get acked(): Outcome<Ack> {
    this.#outcome ??= outcome();
    const [acked, settle] = this.#outcome;
    if (this.#end) settle(this.#end);
    return acked;
  }

  /** To be called once. */
  settle(end: Ack | RealtimeError): void {
    this.status = end instanceof Error ? 'failed' : end.confirmed ? 'acked' : 'sent';
    this.#end = end;
    this.#outcome?.[1](end);
  }
}
