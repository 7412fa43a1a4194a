/** The base of the services. */
import type { Unsubscribe } from '../../index.js';
import type { MessageHandler, SubscribeOptions, WebSocketMessage } from './types.js';

/** The methods of a manager that a service uses. */
export interface ServiceManager {
  subscribe(topic: string, callback: MessageHandler, options?: SubscribeOptions): string;
  unsubscribe(id: string): void;
  send(message: WebSocketMessage): void;
  emit?(event: string, ...values: unknown[]): void;
  whenShown?(work: () => void): void;
}

/** A service on a manager. */
export abstract class ObservedService {
  protected readonly manager: ServiceManager;
  readonly #listeners = new Set<() => void>();
  /** Received messages: one may be delivered by several subscriptions. */
  readonly #seen = new WeakSet<WebSocketMessage>();
  #version = 0;
  #isNotifying = false;

  constructor(manager: ServiceManager) {
    this.manager = manager;
  }

  /** Handles a message, flat or with its fields in `data`. Messages of other services are ignored. */
  abstract handleMessage(message: WebSocketMessage): void;

  /** Restores its subscriptions, after the manager has dropped all. */
  abstract renew(): void;

  /** Handles a message of a subscription, once. */
  readonly take = (message: WebSocketMessage): void => {
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    this.handleMessage(message);
  };

  /** Listens to changes; called once per batch. */
  readonly watch = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Returns a number that changes with each change. */
  readonly getVersion = (): number => this.#version;

  /** Notifies the listeners of a change, and with an event those of the manager. */
  protected changed(event?: string, value?: unknown): void {
    this.#version += 1;
    if (event !== undefined) this.manager.emit?.(event, value);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    const notify = (): void => {
      this.#isNotifying = false;
      for (const listener of [...this.#listeners]) listener();
    };
    if (this.manager.whenShown) this.manager.whenShown(notify);
    else queueMicrotask(notify);
  }
}
