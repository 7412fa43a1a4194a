/** The room's messages: what others said, and how far one's own have come. */
import { type Ack, type MessageMeta, RealtimeError, type Sent, type SentStatus } from 'tidewire';
import { asSaid, type Said } from './chat-message.ts';
import { client, ROOM } from './client.ts';
import { identity } from './identity.ts';
import { createStore } from './store.ts';

/** How far a message of this page has come. */
export type Progress =
  | { readonly status: 'queued' | 'sent' }
  | { readonly status: 'acked'; readonly seq: number | undefined; readonly afterMs: number }
  | { readonly status: 'failed'; readonly code: string; readonly hint: string };

/** One line of the conversation. */
export interface Line extends Said {
  readonly id: string;
  /** When it was written here or arrived, in milliseconds since 1970. */
  readonly at: number;
  /** `null` for what others said. */
  readonly progress: Progress | null;
  /** How often it arrived on the channel. */
  readonly arrivals: number;
  readonly recovered: boolean;
}

const KEPT = 60;
const unsettled = new Map<string, Sent>();
let strangers = 0;
let frame = 0;

/** The conversation, oldest first. */
export const room = createStore<readonly Line[]>([]);

function add(line: Line): void {
  room.set([...room.get(), line].slice(-KEPT));
}

function change(id: string, changes: Partial<Line>): void {
  room.set(room.get().map((line) => (line.id === id ? { ...line, ...changes } : line)));
}

/** Says something; the message waits if there is no connection. */
export function say(words: string): void {
  const said: Said = { from: identity.get(), text: words };
  const at = Date.now();
  const sent = client.send(ROOM, said, { event: 'said' });
  add({ ...said, id: sent.id, at, progress: shown(sent.status), arrivals: 0, recovered: false });
  unsettled.set(sent.id, sent);
  sent.acked.then(
    (ack) => settle(sent.id, acknowledged(ack, at)),
    (error: unknown) => settle(sent.id, refused(error)),
  );
  watch();
}

/** Takes what arrived on the channel. */
export function hear(message: unknown, meta: MessageMeta): void {
  const known = room.get().find((line) => line.id === meta.id);
  if (known) {
    change(known.id, { arrivals: known.arrivals + 1, recovered: meta.recovered });
    return;
  }
  strangers += 1;
  add({
    ...asSaid(message),
    id: meta.id ?? `stranger-${strangers}`,
    at: meta.receivedAt,
    progress: null,
    arrivals: 1,
    recovered: meta.recovered,
  });
}

function settle(id: string, progress: Progress): void {
  unsettled.delete(id);
  change(id, { progress });
}

function acknowledged(ack: Ack, since: number): Progress {
  return { status: 'acked', seq: ack.seq, afterMs: Date.now() - since };
}

function refused(error: unknown): Progress {
  return error instanceof RealtimeError
    ? { status: 'failed', code: error.code, hint: error.hint }
    : { status: 'failed', code: 'unknown', hint: String(error) };
}

/** The settled states come with the promise, which knows more. */
function shown(status: SentStatus): Progress {
  return { status: status === 'queued' ? 'queued' : 'sent' };
}

/** A `Sent` tells no one that it went out, so it is looked at before each paint until it is settled. */
function watch(): void {
  cancelAnimationFrame(frame);
  if (!unsettled.size) return;
  for (const [id, sent] of unsettled) {
    const line = room.get().find((each) => each.id === id);
    const next = shown(sent.status);
    if (line?.progress && line.progress.status !== next.status) change(id, { progress: next });
  }
  frame = requestAnimationFrame(watch);
}
