/** What the services have in common: a manager, messages, and those who watch. */
import type { Unsubscribe } from '../../index.js';
import type { MessageHandler, SubscribeOptions, WebSocketMessage } from './types.js';

/** What a service needs of a manager. */
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
  /** One message may come by several subscriptions. */
  readonly #seen = new WeakSet<WebSocketMessage>();
  #version = 0;
  #isTelling = false;

  constructor(manager: ServiceManager) {
    this.manager = manager;
  }

  /** Takes in a message, flat or with its fields in `data`. Others than its own are left alone. */
  abstract handleMessage(message: WebSocketMessage): void;

  /** Subscribes anew to what it is subscribed to, after the manager dropped all subscriptions. */
  abstract renew(): void;

  /** Takes in a message of a subscription, once. */
  readonly take = (message: WebSocketMessage): void => {
    if (this.#seen.has(message)) return;
    this.#seen.add(message);
    this.handleMessage(message);
  };

  /** Watches for changes; told once for all that are to be shown together. */
  readonly watch = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number after each change. */
  readonly getVersion = (): number => this.#version;

  /** Something changed: tells those who watch, and with an event the manager's listeners. */
  protected changed(event?: string, value?: unknown): void {
    this.#version += 1;
    if (event !== undefined) this.manager.emit?.(event, value);
    if (this.#isTelling) return;
    this.#isTelling = true;
    const tell = (): void => {
      this.#isTelling = false;
      for (const listener of [...this.#listeners]) listener();
    };
    if (this.manager.whenShown) this.manager.whenShown(tell);
    else queueMicrotask(tell);
  }
}
