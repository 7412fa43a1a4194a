/** A send as the app sees it. */
import type { RealtimeError } from './errors.js';
import { newId } from './id.js';
import { type Outcome, outcome } from './outcome.js';
import type { Ack, Sent, SentStatus } from './sent.js';

/** The object that the app has of a send. Its promise is made when the app reads it. */
export class SentMessage implements Sent {
  readonly id = newId();
  status: SentStatus = 'queued';
  #end: Ack | RealtimeError | undefined;
  #acked: Outcome<Ack> | undefined;
  #settle: ((end: Ack | RealtimeError) => void) | undefined;

  get acked(): Outcome<Ack> {
    if (!this.#acked) {
      [this.#acked, this.#settle] = outcome<Ack>();
      if (this.#end) this.#settle(this.#end);
    }
    return this.#acked;
  }

  /** Whether the app handles the promise. */
  isObserved(): boolean {
    return !!this.#acked?.isObserved;
  }

  /** To be called once. */
  settle(end: Ack | RealtimeError): void {
    this.status = end instanceof Error ? 'failed' : end.confirmed ? 'acked' : 'sent';
    this.#end = end;
    this.#settle?.(end);
  }
}
