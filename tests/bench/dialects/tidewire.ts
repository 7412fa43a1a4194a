/** The native protocol, with the features that are given: all of them, or none (a base server). */
import {
  type PresenceDialect,
  type Reaction,
  type RowDialect,
  reaction,
  type Session,
  textOf,
} from './dialect.js';

/** Every feature that concerns messages; with `deflate` the server would have to compress. */
export const ALL_FEATURES: readonly string[] = [
  'subscribe',
  'seq',
  'envelope',
  'ack',
  'presence',
  'ephemeral',
  'reauth',
  'batch',
];

const EPOCH = 'bench';

interface NativeFrame {
  type: string;
  channel: string;
  ref?: number;
  id?: string;
  ack?: boolean;
  payload?: unknown;
  since?: { epoch: string; seq: number };
}

export class TidewireDialect implements PresenceDialect, RowDialect {
  readonly #features: readonly string[];
  /** The position of the last message, by channel. */
  readonly #heads = new Map<string, number>();
  #messages = 0;

  constructor(features: readonly string[]) {
    this.#features = features;
  }

  connect(): Session {
    return { greeting: [], react: (text) => this.#reactToAll(text) };
  }

  message(channel: string, payload: unknown, id?: string): string {
    if (!this.#features.length) {
      return JSON.stringify({ type: 'channel_message', channel, ...(payload as object) });
    }
    return this.#numbered(channel, 'chat', payload, id);
  }

  rowChange(channel: string, row: object): string {
    return this.#numbered(channel, 'update', { row });
  }

  presenceState(channel: string, metas: ReadonlyMap<string, object>): string {
    const state = Object.fromEntries([...metas].map(([key, meta]) => [key, [meta]]));
    return JSON.stringify({ type: 'presence_state', channel, state });
  }

  presenceDiff(
    channel: string,
    joined: Record<string, object>,
    left: Record<string, object>,
  ): string {
    const listed = (metas: Record<string, object>) =>
      Object.fromEntries(Object.entries(metas).map(([key, meta]) => [key, [meta]]));
    return JSON.stringify({
      type: 'presence_diff',
      channel,
      joins: listed(joined),
      leaves: listed(left),
    });
  }

  #numbered(channel: string, event: string, payload: unknown, given?: string): string {
    const seq = (this.#heads.get(channel) ?? 0) + 1;
    this.#heads.set(channel, seq);
    this.#messages++;
    const id = given ?? `server-${String(this.#messages).padStart(14, '0')}`;
    return JSON.stringify({
      type: 'channel_message',
      channel,
      id,
      event,
      seq,
      epoch: EPOCH,
      payload,
    });
  }

  /** One frame, or with `batch` an array of them. */
  #reactToAll(text: string | Uint8Array): Reaction {
    const parsed = JSON.parse(textOf(text)) as NativeFrame | NativeFrame[];
    const parts = [parsed].flat().map((frame) => this.#react(frame));
    return {
      replies: parts.flatMap(({ replies }) => replies),
      joined: parts.flatMap(({ joined }) => joined),
      published: parts.flatMap(({ published }) => published),
    };
  }

  #react({ type, channel, ref, id, ack, payload, since, ...rest }: NativeFrame): Reaction {
    const seq = this.#heads.get(channel) ?? 0;
    const replying = (frame: object) => [JSON.stringify(frame)];
    switch (type) {
      case 'auth':
        return reaction({
          replies: replying({
            type: 'auth_success',
            connectionId: 'bench',
            ...(this.#features.length && { features: this.#features }),
          }),
        });
      case 'ping':
        return reaction({ replies: replying({ type: 'pong' }) });
      case 'subscribe': {
        // Nothing is published to a channel that its only member has left.
        const recovered = since?.epoch === EPOCH && since.seq === seq;
        const position = { epoch: EPOCH, seq, head: seq, recovered };
        return reaction({
          replies: replying({ type: 'subscribed', channel, ref, ...position }),
          joined: [channel],
        });
      }
      case 'unsubscribe':
        return reaction({ replies: replying({ type: 'unsubscribed', channel, ref }) });
      case 'channel_message': {
        const published = [{ channel, payload: payload ?? rest, ...(id !== undefined && { id }) }];
        if (!ack) return reaction({ published });
        // The echo has the position: an acknowledgement need not contain one.
        const acked = { type: 'ack', channel, id, status: 'ok' };
        return reaction({ replies: replying(acked), published });
      }
      default:
        return reaction();
    }
  }
}
