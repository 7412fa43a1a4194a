/** The room's messages: received ones, and own ones with their status. */
import { type Ack, type MessageMeta, RealtimeError, type Sent, type SentStatus } from 'tidewire';
import { type ChatMessage, parseChatMessage } from './chat-message.ts';
import { client, ROOM } from './client.ts';
import { identity } from './identity.ts';
import { createStore } from './store.ts';

/** The status of a message sent by this page. */
export type Progress =
  | { readonly status: 'queued' | 'sent' }
  | { readonly status: 'acked'; readonly seq: number | undefined; readonly afterMs: number }
  | { readonly status: 'failed'; readonly code: string; readonly hint: string };

/** One message of the room. */
export interface RoomMessage extends ChatMessage {
  readonly id: string;
  /** When it was sent or received, in milliseconds since 1970. */
  readonly at: number;
  /** `null` for received messages. */
  readonly progress: Progress | null;
  /** How often it was received on the channel. */
  readonly arrivals: number;
  readonly recovered: boolean;
}

const KEPT = 60;
const unsettled = new Map<string, Sent>();
let unnamed = 0;
let frame = 0;

/** The messages, oldest first. */
export const room = createStore<readonly RoomMessage[]>([]);

function add(message: RoomMessage): void {
  room.set([...room.get(), message].slice(-KEPT));
}

function change(id: string, changes: Partial<RoomMessage>): void {
  room.set(room.get().map((message) => (message.id === id ? { ...message, ...changes } : message)));
}

/** Sends a message; it is queued if there is no connection. */
export function sendMessage(text: string): void {
  const message: ChatMessage = { from: identity.get(), text };
  const at = Date.now();
  const sent = client.send(ROOM, message, { event: 'chat' });
  add({ ...message, id: sent.id, at, progress: shown(sent.status), arrivals: 0, recovered: false });
  unsettled.set(sent.id, sent);
  sent.acked.then(
    (ack) => settle(sent.id, acknowledged(ack, at)),
    (error: unknown) => settle(sent.id, rejected(error)),
  );
  watch();
}

/** Handles a received message. */
export function receiveMessage(message: unknown, meta: MessageMeta): void {
  const known = room.get().find(({ id }) => id === meta.id);
  if (known) {
    change(known.id, { arrivals: known.arrivals + 1, recovered: meta.recovered });
    return;
  }
  unnamed += 1;
  add({
    ...parseChatMessage(message),
    id: meta.id ?? `unnamed-${unnamed}`,
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

function rejected(error: unknown): Progress {
  return error instanceof RealtimeError
    ? { status: 'failed', code: error.code, hint: error.hint }
    : { status: 'failed', code: 'unknown', hint: String(error) };
}

/** The settled states are taken from the promise, which has more details. */
function shown(status: SentStatus): Progress {
  return { status: status === 'queued' ? 'queued' : 'sent' };
}

/** A `Sent` emits no event when it is transmitted, so it is polled before each paint until it is settled. */
function watch(): void {
  cancelAnimationFrame(frame);
  if (!unsettled.size) return;
  for (const [id, sent] of unsettled) {
    const message = room.get().find((each) => each.id === id);
    const next = shown(sent.status);
    if (message?.progress && message.progress.status !== next.status)
      change(id, { progress: next });
  }
  frame = requestAnimationFrame(watch);
}
