/**
 * Reads the heads of messages, so that the engine decides on most of them by numbers alone. Everything else, and what
 * the engine does not decide by the head, is passed to it as it is.
 */
import { CONTROL_EVENTS, FrameShape, MAX_FRAME_BYTES, Receipt } from '../generated/engine.js';
import type { Engine } from '../generated/engine-interface.js';
import { Native } from '../generated/facade.js';
import type { MessageMeta } from '../types.js';
import type { Route } from './channel-router.js';

/** A message's frame. Its members are not checked. */
interface Frame {
  type: unknown;
  channel: string;
  id: string;
  seq: number;
  epoch: unknown;
  event: unknown;
  payload: unknown;
}

/** The receiver of the messages, and what it knows of their channels. */
export interface Receiver {
  /** The channels by name. */
  routes: ReadonlyMap<string, Route>;
  /** Whether messages are still received: not after a trap, or when the client was destroyed. */
  isLive(): boolean;
  /** Whether this client may have sent the message of this id. */
  isOwn(id: string): boolean;
  /** The option `maxFrameBytes`. */
  maxBytes(): number | undefined;
  deliver(route: Route, payload: unknown, meta: MessageMeta): void;
  /** Handles an error that the engine threw. */
  failed(error: unknown): void;
}

/** The number of a message that has none. */
const NO_SEQ = -1;

/** The most bytes that a UTF-16 unit of a text has in UTF-8. */
const BYTES_OF_UNIT = 3;

/** Returns the listener of the `message` events of a socket. */
export function frameReader(
  engine: Engine,
  socket: number,
  shape: FrameShape,
  receiver: Receiver,
): (event: { data: unknown }) => void {
  const { routes } = receiver;

  /** Receives a message by its head; returns whether that decides. */
  function receive(
    route: Route,
    seq: number,
    units: number,
    inArray: boolean,
    payload: unknown,
    meta: MessageMeta,
  ): boolean {
    const receipt = engine.receiveHead(socket, route.id, seq, units, inArray, meta.receivedAt);
    if (receipt === Receipt.Undecided) return false;
    receiver.deliver(route, payload, meta);
    if (receipt === Receipt.DeliverThenRun && receiver.isLive()) engine.poll();
    return true;
  }

  function readMembers(frame: Frame, units: number, inArray: boolean): boolean {
    const route = routes.get(frame.channel);
    if (!route) return false;
    const { type, event } = frame;
    const name = typeof event === 'string' ? event : undefined;
    const { channel, epoch } = route;
    const receivedAt = Date.now();
    if (epoch === undefined) {
      const named =
        name ?? (typeof type === 'string' && type !== Native.ChannelMessage ? type : undefined);
      if (!isPlain(named, route)) return false;
      const meta: MessageMeta =
        named === undefined
          ? { channel, receivedAt, own: false, recovered: false }
          : { channel, event: named, receivedAt, own: false, recovered: false };
      return receive(route, NO_SEQ, units, inArray, frame, meta);
    }
    const { id, seq, payload = null } = frame;
    if (
      type !== Native.ChannelMessage ||
      frame.epoch !== epoch ||
      typeof id !== 'string' ||
      !Number.isSafeInteger(seq) ||
      !isPlain(name, route) ||
      receiver.isOwn(id)
    ) {
      return false;
    }
    const meta: MessageMeta =
      name === undefined
        ? { channel, id, seq, epoch, receivedAt, own: false, recovered: false }
        : { channel, event: name, id, seq, epoch, receivedAt, own: false, recovered: false };
    return receive(route, seq, units, inArray, payload, meta);
  }

  function readItems(frame: unknown[], units: number): boolean {
    const event = frame[3];
    const route = frame.length === 5 ? routes.get(frame[2] as string) : undefined;
    // Only messages to all members have no reference.
    if (
      !route ||
      frame[0] !== null ||
      frame[1] !== null ||
      typeof event !== 'string' ||
      !isPlain(event, route)
    ) {
      return false;
    }
    const { channel } = route;
    const meta = { channel, event, receivedAt: Date.now(), own: false, recovered: false };
    return receive(route, NO_SEQ, units, false, frame[4], meta);
  }

  /** Receives the frames of an array as far as their heads decide; returns their number. */
  function readAll(frames: Frame[], units: number): number {
    let read = 0;
    for (const frame of frames) {
      if (!receiver.isLive() || !isObject(frame)) break;
      if (!readMembers(frame, read ? 0 : units, true)) break;
      read++;
    }
    return read;
  }

  function read(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      engine.receiveData(socket, text);
      return;
    }
    const { length } = text;
    if (!Array.isArray(value)) {
      const isMessage = shape === FrameShape.Members && isObject(value);
      if (isMessage && readMembers(value as Frame, length, false)) return;
    } else if (shape === FrameShape.Items) {
      if (readItems(value, length)) return;
    } else {
      const count = readAll(value, length);
      if (count) {
        const others = value.slice(count);
        if (others.length && receiver.isLive()) engine.receiveValue(socket, others, 0);
        return;
      }
    }
    engine.receiveValue(socket, value, length);
  }

  return ({ data }) => {
    if (!receiver.isLive()) return;
    try {
      const isRead =
        shape !== FrameShape.Opaque &&
        typeof data === 'string' &&
        data.length * BYTES_OF_UNIT <= (receiver.maxBytes() ?? MAX_FRAME_BYTES);
      if (isRead) read(data);
      else engine.receiveData(socket, data);
    } catch (error) {
      receiver.failed(error);
    }
  };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Whether an event is the app's alone. Most messages of a channel have the same. */
function isPlain(event: string | undefined, route: Route): boolean {
  if (event === route.event) return true;
  if (CONTROL_EVENTS.has(event)) return false;
  route.event = event;
  return true;
}
