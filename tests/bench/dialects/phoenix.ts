/** Phoenix Channels with serializer 2.0.0, and Supabase Realtime's use of them. */
import {
  type PresenceDialect,
  type Publication,
  type Reaction,
  reaction,
  type Session,
} from './dialect.js';

type PhoenixFrame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: unknown,
];

/** What differs between Phoenix and Supabase: how a channel's message is wrapped. */
interface Wrapping {
  topicOf(channel: string): string;
  channelOf(topic: string): string;
  event: string;
  wrap(payload: unknown): unknown;
  unwrap(payload: unknown): unknown;
}

const PHOENIX: Wrapping = {
  topicOf: (channel) => channel,
  channelOf: (topic) => topic,
  event: 'chat',
  wrap: (payload) => payload,
  unwrap: (payload) => payload,
};

const PREFIX = 'realtime:';

const SUPABASE: Wrapping = {
  topicOf: (channel) => `${PREFIX}${channel}`,
  channelOf: (topic) => topic.slice(PREFIX.length),
  event: 'broadcast',
  wrap: (payload) => ({ type: 'broadcast', event: 'chat', payload }),
  unwrap: (payload) => (payload as { payload: unknown }).payload,
};

/** The kind of a binary frame in which realtime-js sends a broadcast. */
const BROADCAST_PUSH = 3;

/** Decodes a broadcast that realtime-js sent: lengths of five texts, the encoding, the texts, the payload. */
function decodeBroadcast(bytes: Uint8Array): PhoenixFrame {
  const text = new TextDecoder();
  if (bytes[0] !== BROADCAST_PUSH) throw Error(`A binary frame of kind ${bytes[0]}.`);
  let at = 7;
  const [joinRef = '', ref = '', topic = '', event = ''] = [...bytes.slice(1, 6)].map((length) => {
    at += length;
    return text.decode(bytes.slice(at - length, at));
  });
  const payload = JSON.parse(text.decode(bytes.slice(at)));
  return [joinRef, ref, topic, 'broadcast', { type: 'broadcast', event, payload }];
}

export class PhoenixDialect implements PresenceDialect {
  readonly #wrapping: Wrapping;
  /** The reference of the last join, by topic: the server's own frames of a membership contain it. */
  readonly #joins = new Map<string, string | null>();

  private constructor(wrapping: Wrapping) {
    this.#wrapping = wrapping;
  }

  static phoenix(): PhoenixDialect {
    return new PhoenixDialect(PHOENIX);
  }

  static supabase(): PhoenixDialect {
    return new PhoenixDialect(SUPABASE);
  }

  connect(): Session {
    return { greeting: [], react: (frame) => this.#react(frame) };
  }

  message(channel: string, payload: unknown): string {
    const { topicOf, event, wrap } = this.#wrapping;
    return JSON.stringify([null, null, topicOf(channel), event, wrap(payload)]);
  }

  presenceState(channel: string, metas: ReadonlyMap<string, object>): string {
    const state = Object.fromEntries([...metas].map(([key, meta]) => [key, inMetas(meta)]));
    const topic = this.#wrapping.topicOf(channel);
    return JSON.stringify([this.#joins.get(topic) ?? null, null, topic, 'presence_state', state]);
  }

  presenceDiff(
    channel: string,
    joined: Record<string, object>,
    left: Record<string, object>,
  ): string {
    const listed = (metas: Record<string, object>) =>
      Object.fromEntries(Object.entries(metas).map(([key, meta]) => [key, inMetas(meta)]));
    const diff = { joins: listed(joined), leaves: listed(left) };
    return JSON.stringify([null, null, this.#wrapping.topicOf(channel), 'presence_diff', diff]);
  }

  #react(frame: string | Uint8Array): Reaction {
    const [joinRef, ref, topic, event, payload] =
      typeof frame === 'string' ? (JSON.parse(frame) as PhoenixFrame) : decodeBroadcast(frame);
    if (event === 'phx_join') this.#joins.set(topic, joinRef);
    const { channelOf, event: pushed, unwrap } = this.#wrapping;
    const reply = JSON.stringify([
      joinRef,
      ref,
      topic,
      'phx_reply',
      { status: 'ok', response: event === 'phx_join' ? { postgres_changes: [] } : {} },
    ]);
    const channel = channelOf(topic);
    const published: Publication[] =
      event === pushed ? [{ channel, payload: unwrap(payload) }] : [];
    return reaction({
      replies: [reply],
      joined: event === 'phx_join' ? [channel] : [],
      published,
    });
  }
}

/** A member's meta as Phoenix lists it. */
function inMetas({ ref, ...meta }: { ref?: string }): object {
  return { metas: [{ phx_ref: ref, ...meta }] };
}
