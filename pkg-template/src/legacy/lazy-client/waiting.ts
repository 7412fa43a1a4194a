/** Messages that are queued until there is a connection, which they do not open. */
import { logError } from './log.js';

/** The limit of the queue: that of the client. */
const LIMIT = 1_000;

export class Waiting {
  #messages: [key: string, message: object][] = [];

  /** Adds a copy of a message. When the queue is full, the new one is dropped. */
  add(key: string, message: object): void {
    if (this.#messages.length >= LIMIT) {
      logError(`More than ${LIMIT} messages wait; this one is dropped:`, key);
      return;
    }
    this.#messages.push([key, JSON.parse(JSON.stringify(message))]);
  }

  flush(send: (key: string, message: object) => void): void {
    const messages = this.#messages;
    this.#messages = [];
    for (const [key, message] of messages) send(key, message);
  }

  clear(): void {
    this.#messages = [];
  }
}
