/**
 * The parts of the other libraries that the adapters use. The libraries are installed by `npm ci` in this folder; these
 * declarations suffice to check types without them.
 */
declare module 'phoenix' {
  export interface Push {
    receive(status: string, callback: (reply: unknown) => void): Push;
  }
  export interface Channel {
    on(
      event: string,
      callback: (payload: import('./libraries/library.js').Payload) => void,
    ): number;
    join(): Push;
    leave(): Push;
    push(event: string, payload: object): Push;
  }
  export class Socket {
    constructor(address: string, options?: object);
    connect(): void;
    channel(topic: string, params?: object): Channel;
  }
  export class Presence {
    constructor(channel: Channel);
    onSync(callback: () => void): void;
  }
}

declare module '@supabase/realtime-js' {
  type Payload = import('./libraries/library.js').Payload;
  export interface RealtimeChannel {
    on(
      type: 'broadcast',
      filter: { event: string },
      callback: (message: { payload: Payload }) => void,
    ): RealtimeChannel;
    on(type: 'presence', filter: { event: string }, callback: () => void): RealtimeChannel;
    subscribe(callback: (status: string) => void): RealtimeChannel;
    send(message: { type: 'broadcast'; event: string; payload: Payload }): Promise<unknown>;
  }
  export class RealtimeClient {
    constructor(address: string, options: object);
    channel(name: string, params?: object): RealtimeChannel;
    removeChannel(channel: RealtimeChannel): Promise<unknown>;
  }
}

declare module 'centrifuge' {
  type Payload = import('./libraries/library.js').Payload;
  export interface Subscription {
    on(event: 'publication', callback: (context: { data: Payload }) => void): void;
    once(event: 'subscribed', callback: () => void): void;
    subscribe(): void;
    unsubscribe(): void;
    publish(payload: Payload): Promise<unknown>;
  }
  export class Centrifuge {
    constructor(address: string, options?: object);
    connect(): void;
    once(event: 'connected', callback: (context: unknown) => void): void;
    newSubscription(channel: string): Subscription;
    removeSubscription(subscription: Subscription): void;
  }
}

declare module 'socket.io-client' {
  export interface Socket {
    on(event: string, callback: (payload: import('./libraries/library.js').Payload) => void): void;
    once(event: string, callback: () => void): void;
    off(event: string, callback: (payload: import('./libraries/library.js').Payload) => void): void;
    emit(event: string, payload: unknown, acknowledged?: () => void): void;
  }
  export function io(address: string, options: object): Socket;
}

declare module 'pusher-js' {
  export interface Channel {
    bind(
      event: string,
      callback: (payload: import('./libraries/library.js').Payload) => void,
    ): void;
  }
  export default class Pusher {
    constructor(key: string, options: object);
    subscribe(channel: string): Channel;
    unsubscribe(channel: string): void;
    send_event(event: string, payload: object, channel: string): boolean;
  }
}

declare module 'partysocket' {
  export class WebSocket {
    constructor(address: string);
    addEventListener(type: 'open', listener: () => void): void;
    addEventListener(type: 'message', listener: (event: { data: string }) => void): void;
    send(frame: string): void;
  }
}
