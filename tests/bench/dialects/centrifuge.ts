/** Centrifugo's protocol in JSON: replies and pushes by lines. */
import { type Dialect, type Reaction, reaction, type Session, textOf } from './dialect.js';

interface Command {
  id?: number;
  connect?: object;
  subscribe?: { channel: string };
  unsubscribe?: { channel: string };
  publish?: { channel: string; data: unknown };
}

export class CentrifugeDialect implements Dialect {
  connect(): Session {
    return { greeting: [], react };
  }

  message(channel: string, payload: unknown): string {
    return JSON.stringify({ push: { channel, pub: { data: payload } } });
  }
}

function react(text: string | Uint8Array): Reaction {
  const parts = textOf(text)
    .split('\n')
    .filter(Boolean)
    .map((line) => reactTo(JSON.parse(line) as Command));
  const replies = parts.flatMap((part) => part.replies);
  return {
    replies: replies.length ? [replies.join('\n')] : [],
    joined: parts.flatMap(({ joined }) => joined),
    published: parts.flatMap(({ published }) => published),
  };
}

function reactTo({ id, connect, subscribe, unsubscribe, publish }: Command): Reaction {
  const replying = (result: object) => [JSON.stringify({ id, ...result })];
  if (connect) {
    return reaction({ replies: replying({ connect: { client: 'bench', version: 'bench' } }) });
  }
  if (subscribe) {
    return reaction({ replies: replying({ subscribe: {} }), joined: [subscribe.channel] });
  }
  if (unsubscribe) return reaction({ replies: replying({ unsubscribe: {} }) });
  if (publish) {
    const { channel, data } = publish;
    return reaction({
      replies: replying({ publish: {} }),
      published: [{ channel, payload: data }],
    });
  }
  return reaction();
}
