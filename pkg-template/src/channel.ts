/** The handle that `client.channel(name)` gives. */
import { checkName } from './door.js';
import { Emitter, type Listener, type Report } from './emitter.js';
import type { Subscriber } from './ledger.js';
import type { SendOptions, Sent } from './sent.js';
import type {
  Channel,
  ChannelStats,
  MessageCallback,
  RealtimeClient,
  Unsubscribe,
} from './types.js';

/** Makes a handle of a subscription that `open` makes with the callback it is given. */
export function channelHandle(
  client: RealtimeClient,
  report: Report,
  open: (deliver: MessageCallback<unknown>) => Subscriber,
  close: (subscriber: Subscriber) => void,
): Channel {
  const listeners = new Emitter(report);
  const subscriber = open((message, meta) => {
    if (meta.event) listeners.emit(meta.event, message, meta);
    if (meta.event !== '*') listeners.emit('*', message, meta);
  });
  const name = subscriber.channel;
  return {
    name,
    get state() {
      return subscriber.view.state;
    },
    get error() {
      return subscriber.view.error;
    },
    get continuity() {
      return subscriber.view.continuity;
    },
    on(event: string, callback: MessageCallback<never>): Unsubscribe {
      checkName(event, 'event');
      return listeners.on(event, callback as Listener);
    },
    send(...values: unknown[]): Sent {
      const named = values.length > 1 && typeof values[0] === 'string';
      const event = named ? (values.shift() as string) : undefined;
      const [payload, options] = values as [unknown, SendOptions?];
      return client.send(name, payload, event ? { ...options, event } : options);
    },
    stats: (): ChannelStats =>
      client.getChannelStats().channels.find((stats) => stats.key === name) ?? {
        key: name,
        state: subscriber.view.state,
        continuity: subscriber.view.continuity,
        referenceCount: 0,
        createdAt: 0,
        lastAccessedAt: 0,
      },
    release(): void {
      listeners.clear();
      close(subscriber);
    },
  };
}
