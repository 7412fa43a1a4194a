/** A minimal protocol of channels, for the baseline and partysocket, which have none of their own. */
import { type Dialect, type Reaction, reaction, type Session, textOf } from './dialect.js';

interface PlainFrame {
  type: 'subscribe' | 'message';
  channel: string;
  payload?: unknown;
}

export class PlainDialect implements Dialect {
  connect(): Session {
    return { greeting: [], react };
  }

  message(channel: string, payload: unknown): string {
    return JSON.stringify({ type: 'message', channel, payload });
  }
}

function react(text: string | Uint8Array): Reaction {
  const { type, channel, payload } = JSON.parse(textOf(text)) as PlainFrame;
  if (type === 'message') return reaction({ published: [{ channel, payload }] });
  return reaction({ joined: [channel] });
}
