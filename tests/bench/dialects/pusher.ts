/** Pusher Channels, protocol 7: a message's payload is a JSON text within the frame's. */
import { type Dialect, type Reaction, reaction, type Session, textOf } from './dialect.js';

interface PusherFrame {
  event: string;
  channel?: string;
  data?: unknown;
}

const frameOf = (event: string, data: unknown, channel?: string): string =>
  JSON.stringify({ event, channel, data: JSON.stringify(data) });

export class PusherDialect implements Dialect {
  connect(): Session {
    const established = { socket_id: '1.1', activity_timeout: 120 };
    return { greeting: [frameOf('pusher:connection_established', established)], react };
  }

  message(channel: string, payload: unknown): string {
    return frameOf('client-chat', payload, channel);
  }
}

function react(text: string | Uint8Array): Reaction {
  const { event, channel, data } = JSON.parse(textOf(text)) as PusherFrame;
  switch (event) {
    case 'pusher:ping':
      return reaction({ replies: [frameOf('pusher:pong', {})] });
    case 'pusher:subscribe': {
      const { channel: joined } = data as { channel: string };
      return reaction({
        replies: [frameOf('pusher_internal:subscription_succeeded', {}, joined)],
        joined: [joined],
      });
    }
    case 'client-chat':
      return reaction({ published: [{ channel: channel ?? '', payload: data }] });
    default:
      return reaction();
  }
}
