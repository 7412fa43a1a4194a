/** A page on which the package was just imported. */
import { vi } from 'vitest';
import * as engine from '../../pkg-template/src/generated/engine.js';
import type { Reason } from '../../pkg-template/src/generated/types.js';
import { codeOf } from './reasons.js';

/** The package and the double of its engine, both fresh. */
export async function freshPage() {
  vi.resetModules();
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('tidewire@0')];
  const tidewire = await import('../../pkg-template/src/index.js');
  const double = await import('./engine-double.js');
  return { ...tidewire, double };
}

export type Page = Awaited<ReturnType<typeof freshPage>>;
export type EngineDouble = Page['double']['engines'][number];

const {
  Kind,
  STATES,
  CHANNEL_STATES,
  COLLECTION_STATUSES,
  CONTINUITIES,
  ErrorInForce,
  MessageFlag,
  PRESENCE_EVENTS,
  RequestKind,
  SEND_STATUSES,
} = engine;

/** An engine's report on a collection; the keys are the rows' ids. */
interface View {
  rows?: { id: string }[];
  /** Keys by the numbers of the mutations. */
  pending?: [mutation: unknown, key: string][];
  status?: (typeof COLLECTION_STATUSES)[number];
  error?: object;
}

/** One change of presence. */
type PresenceChange = [
  event: (typeof PRESENCE_EVENTS)[number],
  key?: string,
  metas?: object[],
  changed?: object[],
];

/** As `State::keeps_error` of the core. */
const inForce = (state: (typeof STATES)[number], error: object | undefined): number => {
  if (error) return ErrorInForce.New;
  const keeps = ['connecting', 'authenticating', 'reconnecting', 'failed'].includes(state);
  return keeps ? ErrorInForce.Latest : ErrorInForce.None;
};

/** The reports of an engine, by names instead of numbers. */
export const report = (on: EngineDouble) => ({
  /** With a new error; without one, the former error remains or ends as in the core. */
  state: (state: (typeof STATES)[number], reason: Reason = 'demand', error?: object) =>
    on.sink(Kind.State, STATES.indexOf(state), codeOf(reason), error, inForce(state, error)),
  message: (channel: string, payload: unknown, event?: string) =>
    on.sink(Kind.Message, on.channels.get(channel) ?? 0, payload, event),
  /** A message of a client whose event name is reserved for the server. */
  reservedMessage: (channel: string, payload: unknown, event: string) =>
    on.sink(
      Kind.Message,
      on.channels.get(channel) ?? 0,
      payload,
      event,
      undefined,
      undefined,
      undefined,
      MessageFlag.Reserved,
    ),
  change: (channel: string, payload: unknown, receivers: unknown[], id?: string) =>
    on.sink(Kind.Change, on.channels.get(channel) ?? 0, payload, 'postgres_changes', id, receivers),
  system: (channel: string, payload: unknown, event: string, receiver: unknown = 0) =>
    on.sink(Kind.System, on.channels.get(channel) ?? 0, payload, event, receiver),
  requestUrl: (socket: number, defaultPath = '/ws/realtime') =>
    on.sink(Kind.UrlRequest, socket, defaultPath),
  channel: (
    channel: string,
    state: (typeof CHANNEL_STATES)[number],
    continuity: (typeof CONTINUITIES)[number],
    error?: object,
    reason: Reason = 'joined',
  ) =>
    on.sink(
      Kind.Channel,
      on.channels.get(channel) ?? 0,
      CHANNEL_STATES.indexOf(state),
      CONTINUITIES.indexOf(continuity),
      error,
      codeOf(reason),
    ),
  send: (send: unknown, status: (typeof SEND_STATUSES)[number], outcome?: object) =>
    on.sink(Kind.Send, send as number, SEND_STATUSES.indexOf(status), outcome),
  collection: (collection: unknown, { rows = [], pending = [], status = 'live', error }: View) =>
    on.sink(
      Kind.Collection,
      collection as number,
      [...rows],
      rows.map(({ id }) => id),
      pending.map(([mutation]) => mutation),
      pending.map(([, key]) => key),
      COLLECTION_STATUSES.indexOf(status),
      error,
    ),
  mutation: (mutation: unknown, status: (typeof SEND_STATUSES)[number], outcome?: object) =>
    on.sink(Kind.Mutation, mutation as number, SEND_STATUSES.indexOf(status), outcome),
  request: (
    collection: unknown,
    kind: keyof typeof RequestKind,
    request: number,
    ...values: unknown[]
  ) => on.sink(Kind.AppRequest, collection as number, request, RequestKind[kind], ...values),
  presence: (channel: string, ...changes: PresenceChange[]) =>
    on.sink(
      Kind.Presence,
      on.channels.get(channel) ?? 0,
      changes.map(([event, key = '', metas = [], changed = []]) => ({
        kind: PRESENCE_EVENTS.indexOf(event),
        key,
        metas,
        changed,
      })),
    ),
  typing: (channel: string, ...names: string[]) =>
    on.sink(Kind.Typing, on.channels.get(channel) ?? 0, names),
  inflate: (request: number, frame: ArrayBuffer, maxBytes: number) =>
    on.sink(Kind.InflateRequest, request, frame, maxBytes),
  gap: (channel: string, gap: object) => on.sink(Kind.Gap, on.channels.get(channel) ?? 0, gap),
  queue: (depth: number) => on.sink(Kind.Queue, depth),
  batch: () => on.sink(Kind.RenderTick, 0),
  error: (error: object, channel = '') => on.sink(Kind.Error, on.channels.get(channel) ?? 0, error),
  log: (level: number, event: string, code?: number) => on.sink(Kind.Log, level, event, code),
});

/** An error of the engine. */
export const engineError = (code: string) => ({
  code,
  message: `It is ${code}.`,
  hint: 'Do something.',
  retryable: false,
});

/** The error that is reported as uncaught while `work` runs or after it. */
export async function uncaughtError(work: () => unknown): Promise<unknown> {
  const uncaught = new Promise((resolve) => {
    const listeners = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener as never);
      resolve(error);
    });
  });
  await work();
  return uncaught;
}
