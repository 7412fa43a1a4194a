/** What is to be sent once there is a connection that somebody else asks for. */
import { logError } from './log.js';

/** As many as the client itself lets wait. */
const LIMIT = 1_000;

/** Messages that wait, in order. */
export class Waiting {
  #messages: [key: string, message: object][] = [];

  /** Keeps one, as it is now. One too many is refused: those that wait are older promises. */
  add(key: string, message: object): void {
    if (this.#messages.length >= LIMIT) {
      logError(`More than ${LIMIT} messages wait; this one is dropped:`, key);
      return;
    }
    this.#messages.push([key, JSON.parse(JSON.stringify(message))]);
  }

  /** Hands them all out, in order. */
  flush(send: (key: string, message: object) => void): void {
    const messages = this.#messages;
    this.#messages = [];
    for (const [key, message] of messages) send(key, message);
  }

  /** Forgets them. */
  clear(): void {
    this.#messages = [];
  }
}
