/** Socket.IO 4 over a WebSocket (Engine.IO 4). A channel is the name of an event, joined by an event of the app. */
import { type Dialect, type Reaction, reaction, type Session, textOf } from './dialect.js';

const OPEN = `0${JSON.stringify({
  sid: 'bench',
  upgrades: [],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1_000_000,
})}`;

/** The event with which a page joins a channel. */
export const JOIN = 'join';

export class SocketIoDialect implements Dialect {
  connect(): Session {
    return { greeting: [OPEN], react };
  }

  message(channel: string, payload: unknown): string {
    return `42${JSON.stringify([channel, payload])}`;
  }
}

function react(frame: string | Uint8Array): Reaction {
  const text = textOf(frame);
  if (text.startsWith('40')) return reaction({ replies: ['40{"sid":"bench"}'] });
  const [, id, json] = /^42(\d*)(.*)$/s.exec(text) ?? [];
  if (json === undefined) return reaction();
  const [event, payload] = JSON.parse(json) as [string, unknown];
  const replies = id ? [`43${id}[]`] : [];
  if (event === JOIN) return reaction({ replies, joined: [payload as string] });
  return reaction({ replies, published: [{ channel: event, payload }] });
}
