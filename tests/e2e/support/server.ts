/** The reference server as a child process, and its control endpoint. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { REMOTE_HOST, SERVER } from './environment.js';
import { KEY } from './tokens.js';

/** How a server is started. */
export interface ServerOptions {
  /** Limits of its config. */
  limits?: Record<string, number>;
  /** Channels with tables behind them, by name or `prefix*`. */
  tables?: Record<string, TableRules>;
  /** The settings of its subset of Supabase; without them it has none. */
  supabase?: Record<string, unknown>;
  /** The settings of its plain Phoenix sockets; without them it has none. */
  phoenix?: Record<string, unknown>;
  /** Further flags. */
  flags?: string[];
  /** Whether its logs survive a crash. */
  durable?: boolean;
}

/** What a table rejects, and its initial rows. */
export interface TableRules {
  rules?: { field: string; maxLength?: number; forbid?: string; [bound: string]: unknown }[];
  rows?: Row[];
  keys?: 'string' | 'integer';
  columns?: { name: string; type: string; default?: string }[];
}

/** A stored row. */
export interface Row {
  id: string;
  [field: string]: unknown;
}

/** A connection, as the server saw it. */
export interface SeenConnection {
  id: string;
  user: string | null;
  open: boolean;
  features: string[];
  channels: string[];
  closeCode?: number;
  /** Frames by type. */
  received: Record<string, number>;
  sent: Record<string, number>;
}

/** A socket of Supabase, as the server saw it. */
export interface SeenSocket {
  id: string;
  open: boolean;
  topics: string[];
}

/** The server's counters; the last three by channel. */
export interface Stats {
  opened: number;
  open: number;
  /** Attempts made while {@link ReferenceServer.reject} was on. */
  handshakesWhileRejecting: number;
  subscribes: Record<string, number>;
  unsubscribes: Record<string, number>;
  publishes: Record<string, number>;
}

/** A stored message. */
export interface LogEntry {
  seq: number;
  id: string;
  event?: string;
  payload: unknown;
  user?: string;
}

/** A fault for one connection, or for `all`, `next` or `future` ones. */
export interface Fault {
  connection?: string;
  drop?: boolean;
  close?: number;
  reason?: string;
  halfOpen?: boolean;
  delayMs?: number;
  duplicate?: number;
  reorder?: number;
  lose?: number;
  loseAcks?: number;
  dropAfterAccept?: boolean;
  seed?: number;
  clear?: boolean;
}

/** Where it listens. */
interface Ready {
  port: number;
  control: string;
}

export class ReferenceServer {
  readonly #flags: string[];
  readonly #directory: string;
  #process: ChildProcess | undefined;
  #ready: Ready = { port: 0, control: '' };

  private constructor(directory: string, flags: string[]) {
    this.#directory = directory;
    this.#flags = flags;
  }

  static async start({
    limits = {},
    tables = {},
    supabase,
    phoenix,
    flags = [],
    durable,
  }: ServerOptions): Promise<ReferenceServer> {
    const directory = await mkdtemp(join(tmpdir(), 'tidewire-e2e-'));
    const config = join(directory, 'config.json');
    await writeFile(
      config,
      JSON.stringify({ keys: [KEY], publish: 'open', limits, tables, supabase, phoenix }),
    );
    const server = new ReferenceServer(directory, [
      ...['--config', config, '--control', '0'],
      ...(durable ? ['--data', join(directory, 'data')] : []),
      ...flags,
    ]);
    await server.start();
    return server;
  }

  /** Starts it, again on the port it had. */
  async start(): Promise<void> {
    const child = spawn(SERVER, [...this.#flags, '--port', String(this.#ready.port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const lines = createInterface(child.stdout);
    const ended = once(child, 'exit').then(([code]) => {
      throw Error(`The server ended with ${code} before it listened.`);
    });
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    ended.catch(() => {});
    const { listening, control } = JSON.parse(line as string);
    this.#ready = { port: Number(listening.split(':').at(-1)), control: `http://${control}` };
  }

  /** The origin it serves, for the tests themselves and for pages that never go offline. */
  get origin(): string {
    return `http://127.0.0.1:${this.#ready.port}`;
  }

  /** The same server under {@link REMOTE_HOST}, for pages whose client has to go offline. */
  get remoteOrigin(): string {
    return `http://${REMOTE_HOST}:${this.#ready.port}`;
  }

  /** The port of the control endpoint. */
  get controlPort(): string {
    return new URL(this.#ready.control).port;
  }

  /** The WebSocket's address in pages, under {@link REMOTE_HOST}; optionally with fewer features. */
  url(features?: string): string {
    const query = features === undefined ? '' : `?features=${features}`;
    return `ws://${REMOTE_HOST}:${this.#ready.port}/ws/realtime${query}`;
  }

  /** Kills it without a close frame, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it, and removes its files. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  stats = (): Promise<Stats> => this.#control('/stats');

  /** Every connection so far, oldest first. */
  connections = (): Promise<SeenConnection[]> => this.#control('/connections');

  async openConnections(): Promise<SeenConnection[]> {
    return (await this.connections()).filter(({ open }) => open);
  }

  /** The stored messages of a channel. */
  async log(channel: string): Promise<LogEntry[]> {
    const path = `/log?channel=${encodeURIComponent(channel)}`;
    return (await this.#control<{ entries: LogEntry[] }>(path)).entries;
  }

  /** The end of the log of a channel. */
  async head(channel: string): Promise<{ epoch: string | null; seq: number }> {
    const path = `/log?channel=${encodeURIComponent(channel)}`;
    const { epoch, head } = await this.#control<{ epoch: string | null; head: number }>(path);
    return { epoch, seq: head };
  }

  /** What was stored in a channel, without the envelopes. */
  async payloads(channel: string): Promise<unknown[]> {
    return (await this.log(channel)).map(({ payload }) => payload);
  }

  /** The rows of a channel's table, in the order of their keys. */
  async table(channel: string): Promise<Row[]> {
    const path = `/table?channel=${encodeURIComponent(channel)}`;
    return (await this.#control<{ rows: Row[] }>(path)).rows;
  }

  /** Its table over HTTP. */
  tableUrl = (channel: string): string => `${this.origin}/tables/${encodeURIComponent(channel)}`;

  /** Changes a row as another client. */
  change = (channel: string, body: { change: string; row?: object; key?: string }) =>
    request<{ row: Row | null }>(this.tableUrl(channel), body);

  faults = (fault: Fault): Promise<{ applied: number }> =>
    this.#control('/faults', { connection: 'all', ...fault });

  /** Makes the present tokens expire; newer ones work. */
  expireTokens = (): Promise<unknown> => this.#control('/tokens/expire', {});

  /** Applies a fault to all open connections; waits for one if there is none. */
  async cut(fault: Fault): Promise<void> {
    while (!(await this.faults(fault)).applied) await setTimeout(10);
  }

  /** Drops all but the newest messages of a log. */
  trim = (channel: string, keep = 0): Promise<unknown> => this.#control('/trim', { channel, keep });

  /** Publishes `{"n": 1}`, `{"n": 2}` and so on; resolves when the last is in the log. */
  flood = (channel: string, count: number, perSecond?: number): Promise<{ seq: number }> =>
    this.#control('/flood', { channel, count, perSecond });

  /** Fills a table up to so many rows, then changes one after the other; resolves when done. */
  churn = (
    channel: string,
    churn: { perSecond: number; seconds: number; rows?: number; seed?: number },
  ): Promise<{ rows: number; changes: number }> => this.#control('/churn', { channel, ...churn });

  /** Cuts every connection and restarts, with or without its logs. */
  restart = (logs: 'keep' | 'lose', downMs = 0): Promise<unknown> =>
    this.#control('/restart', { logs, downMs });

  reject = (mode: 'tcp' | 'handshake' | 'hang' | 'auth' | 'off'): Promise<unknown> =>
    this.#control('/reject', { mode });

  /** Sends to all members of a Phoenix topic; nothing of it is stored. */
  broadcastPhoenix = (topic: string, event: string, payload: object): Promise<unknown> =>
    this.#control('/phoenix/broadcast', { topic, event, payload });

  /** The sockets of Supabase, oldest first. */
  supabaseSockets = (): Promise<SeenSocket[]> => this.#control('/supabase/sockets');

  /** The channels and topics that are joined, in whatever protocol. */
  async joined(): Promise<string[]> {
    const mounts = await Promise.all(
      ['phoenix', 'supabase'].map((mount) => this.#control<SeenSocket[]>(`/${mount}/sockets`)),
    );
    return [
      ...(await this.openConnections()).flatMap(({ channels }) => channels),
      ...mounts.flat().flatMap(({ topics }) => topics),
    ];
  }

  /** How each join of Supabase's channels ended, oldest first. */
  async supabaseJoins(): Promise<string[]> {
    type Joins = { joins: { outcome: string }[] };
    return (await this.#control<Joins>('/supabase/joins')).joins.map(({ outcome }) => outcome);
  }

  /** Cuts them all. */
  cutSupabase = (): Promise<unknown> => this.#control('/supabase/sockets', { cut: true });

  /** Changes settings of its Supabase. */
  supabaseSettings = (patch: Record<string, unknown>): Promise<unknown> =>
    this.#control('/supabase/settings', patch);

  /** Publishes as another client. */
  publish = (channel: string, payload: unknown, event?: string): Promise<{ seq: number }> =>
    request(`${this.origin}/publish`, { channel, payload, event });

  #control = <T>(path: string, body?: object): Promise<T> =>
    request(this.#ready.control + path, body);
}

async function request<T>(url: string, body?: object): Promise<T> {
  const answer = await fetch(url, body && { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw Error(`${url} answered ${answer.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
