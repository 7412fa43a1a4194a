/**
 * The frames that a client sent and received, without what differs from run to run and from library to library, so
 * that they can be compared.
 *
 * The sent and the received frames of each topic are separate lists, since their relative order differs from run to
 * run. Heartbeats are omitted, and the difference between text and binary broadcasts.
 */
import type { Passed } from './tap.js';

/** The lines of one client, by topic and direction. */
export type Transcript = Record<string, string[]>;

interface Frame {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  payload: unknown;
}

const VOLATILE: [RegExp, string][] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, '<time>'],
  [/expired \d+ seconds/g, 'expired <n> seconds'],
];

export function transcribe(passed: readonly Passed[]): Transcript {
  const lines: Transcript = {};
  const names = new Names();
  for (const { direction, data } of passed) {
    const frame = typeof data === 'string' ? readText(data) : readBinary(data, direction);
    if (!frame || frame.topic === 'phoenix') continue;
    const { topic, event } = frame;
    const join = names.of(`join of ${topic}`, frame.joinRef);
    const ref = names.of(`ref of ${topic}`, frame.ref);
    const payload = stable(
      event === 'phx_join' ? withDefaults(frame.payload) : frame.payload,
      names,
    );
    lines[`${direction} ${topic}`] ??= [];
    lines[`${direction} ${topic}`]?.push(`${join} ${ref} ${event} ${payload}`);
  }
  return lines;
}

/** Numbers values in the order in which they first appear. */
class Names {
  readonly #known = new Map<string, Map<string, string>>();

  of(family: string, value: string | null): string {
    if (value === null) return '-';
    const known = this.#known.get(family) ?? new Map<string, string>();
    this.#known.set(family, known);
    const name = known.get(value) ?? `#${known.size + 1}`;
    known.set(value, name);
    return name;
  }
}

function readText(text: string): Frame | undefined {
  const frame = JSON.parse(text);
  if (Array.isArray(frame)) {
    const [joinRef, ref, topic, event, payload] = frame;
    return { joinRef, ref, topic, event, payload };
  }
  const { join_ref: joinRef = null, ref, topic, event, payload } = frame;
  return { joinRef, ref, topic, event, payload };
}

/** Decodes a binary frame, whose kind determines the number and the meaning of its strings. */
function readBinary(bytes: Uint8Array, direction: Passed['direction']): Frame {
  const buffer = Buffer.from(bytes);
  const kind = buffer[0];
  const [strings, extra] =
    kind === 3 ? [5, 1] : kind === 4 ? [3, 1] : [stringsOf(kind, direction), 0];
  const header = 1 + strings + extra;
  let at = header;
  const parts: string[] = [];
  for (const length of buffer.subarray(1, 1 + strings)) {
    parts.push(buffer.subarray(at, at + length).toString());
    at += length;
  }
  const data = buffer.subarray(at);
  const [a = '', b = '', c = '', d = ''] = parts;
  // Supabase's own kinds with JSON have the same content as a text frame.
  if (extra && buffer[header - 1] === 1) {
    const message = { type: 'broadcast', payload: JSON.parse(data.toString()) };
    const broadcast = (event: string, meta: string) => ({
      event: 'broadcast',
      payload: { ...message, event, ...(meta && { meta: JSON.parse(meta) }) },
    });
    return kind === 3
      ? { joinRef: a, ref: b || null, topic: c, ...broadcast(d, '') }
      : { joinRef: null, ref: null, topic: a, ...broadcast(b, c) };
  }
  const payload = { kind, data: data.toString('latin1'), encoding: extra ? buffer[header - 1] : 0 };
  if (kind === 2 || kind === 4) {
    return { joinRef: null, ref: null, topic: a, event: b, payload: { ...payload, meta: c } };
  }
  if (kind === 0 && direction === '<-')
    return { joinRef: a, ref: null, topic: b, event: c, payload };
  return { joinRef: a, ref: b || null, topic: c, event: d, payload };
}

/** Supabase's `config` with its defaults. */
function withDefaults(payload: unknown): unknown {
  const { config, ...rest } = payload as { config?: { broadcast?: object } };
  if (!config) return payload;
  return {
    ...rest,
    config: { ...config, broadcast: { ack: false, self: false, ...config.broadcast } },
  };
}

function stringsOf(kind: number | undefined, direction: Passed['direction']): number {
  if (kind === 2) return 2;
  return kind === 0 && direction === '<-' ? 3 : 4;
}

/** JSON with sorted keys. */
function stable(value: unknown, names: Names, key = ''): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => stable(item, names, key));
    return `[${(key === 'ids' ? items.toSorted() : items).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => `${clean(JSON.stringify(name))}:${stable(member, names, name)}`);
    return `{${members.join(',')}}`;
  }
  if (key === 'phx_ref' || key === 'phx_ref_prev') return names.of('presence', String(value));
  if (key === 'since') return '<time>';
  if (key === 'id' || key === 'ids') return names.of('id', String(value));
  return clean(JSON.stringify(value) ?? 'undefined');
}

const clean = (text: string): string =>
  VOLATILE.reduce((result, [pattern, name]) => result.replace(pattern, name), text);
