/** A send as the app sees it. */
import type { RealtimeError } from './errors.js';
import { type Outcome, outcome } from './outcome.js';
import type { Ack, Sent, SentStatus } from './sent.js';

/** The object that the app has of a send. Its promise is made when the app reads it. */
export class SentMessage implements Sent {
  declare readonly id: string;
  status: SentStatus = 'queued';
  #end: Ack | RealtimeError | undefined;
  #outcome: ReturnType<typeof outcome<Ack>> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  get acked(): Outcome<Ack> {
    this.#outcome ??= outcome();
    if (this.#end) this.#outcome[1](this.#end);
    return this.#outcome[0];
  }

  /** Settles the promise; to be called once. The status is that of a failure: all else needs an engine, which sets it. */
  settle(end: Ack | RealtimeError): void {
    this.status = 'failed';
    this.#end = end;
    this.#outcome?.[1](end);
  }
}
