/** The reference server as a child process, and its control endpoint. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { SECRET } from './tokens.js';

const ROOT = resolve(import.meta.dirname, '../..');

const PROGRAM = resolve(ROOT, process.env.TIDEWIRE_SERVER ?? 'target/debug/tidewire-server');

/** How a server is started; each part as in its config file. */
export interface ServerOptions {
  /** Whether sockets without a token are accepted. Default `true`. */
  anonymous?: boolean;
  phoenix?: Record<string, unknown>;
  supabase?: Record<string, unknown>;
  tables?: Record<string, unknown>;
}

/** One of its two mounts. */
export type Mount = 'phoenix' | 'supabase';

/** A socket, as the server saw it. */
export interface SeenSocket {
  id: string;
  open: boolean;
  topics: string[];
  closeCode?: number;
  /** Messages. */
  received: number;
  sent: number;
}

/** A fault of a mount's sockets, or of one of them. */
export interface Fault {
  socket?: string;
  cut?: boolean;
  close?: number;
  disconnect?: boolean;
  drain?: boolean;
  silent?: boolean;
  delayMs?: number;
  crash?: string;
  closeChannel?: string;
  expireTokens?: boolean;
}

/** A fault of joins. */
export interface JoinFault {
  topic?: string;
  /** Without one the join crashes. */
  reason?: string;
  times?: number;
  delayMs?: number;
  close?: number;
}

/** The received joins. */
export interface SeenJoins {
  joins: { at: number; socket: string; topic: string; outcome: string }[];
  mostPerSecond: number;
}

/** Short delays for all tests; a test of a delay sets its own. */
const QUICK = {
  connectRejectionDelayMs: 20,
  joinRejectionDelayMs: 20,
  subscribeDelayMs: 20,
  changeDelayMs: 5,
};

/** The table `todos`, with a column of each kind. */
const todoTable = {
  keys: 'integer',
  columns: [
    { name: 'owner', type: 'text' },
    { name: 'title', type: 'text' },
    { name: 'done', type: 'bool', default: false },
    { name: 'n', type: 'numeric' },
    { name: 'data', type: 'jsonb' },
    { name: 'tags', type: 'text[]' },
    { name: 'at', type: 'timestamptz' },
  ],
};

export class Server {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #control: string;
  /** The origin it serves. */
  readonly origin: string;

  private constructor(child: ChildProcess, directory: string, listening: string, control: string) {
    this.#child = child;
    this.#directory = directory;
    this.#control = `http://${control}`;
    this.origin = `http://${listening}`;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    if (!existsSync(PROGRAM)) {
      throw Error(`There is no ${PROGRAM}. Run \`cargo build -p tidewire-server\`.`);
    }
    const directory = await mkdtemp(join(tmpdir(), 'tidewire-peers-'));
    const config = join(directory, 'config.json');
    const {
      anonymous = true,
      phoenix = {},
      supabase = {},
      tables = { todos: todoTable },
    } = options;
    const keys = [{ alg: 'HS256', secret: SECRET }];
    await writeFile(
      config,
      JSON.stringify({ anonymous, keys, phoenix, tables, supabase: { ...QUICK, ...supabase } }),
    );
    const child = spawn(PROGRAM, ['--config', config, '--port', '0', '--control'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw Error(`The server ended with ${code} before it listened.`);
    });
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
    ended.catch(() => {});
    const { listening, control } = JSON.parse(line as string);
    return new Server(child, directory, listening, control);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }

  sockets = (mount: Mount): Promise<SeenSocket[]> => this.#request(`/${mount}/sockets`);

  fault = (mount: Mount, what: Fault): Promise<unknown> => this.#request(`/${mount}/sockets`, what);

  joins = (mount: Mount): Promise<SeenJoins> => this.#request(`/${mount}/joins`);

  /** Makes the next joins fail. */
  failJoins = (mount: Mount, what: JoinFault): Promise<unknown> =>
    this.#request(`/${mount}/joins`, what);

  /** Sends to all members of a topic, as the server's application does; the message has no `join_ref`. */
  broadcast = (mount: Mount, topic: string, event: string, payload: object): Promise<unknown> =>
    this.#request(`/${mount}/broadcast`, { topic, event, payload });

  /** Changes settings of the Supabase subset. */
  settings = (patch: Record<string, unknown>): Promise<unknown> =>
    this.#request('/supabase/settings', patch);

  /** Stops or starts the database. */
  database = (running: boolean): Promise<unknown> =>
    this.#request('/supabase/database', { running });

  /** Sends a message from the database; returns its id. */
  async send(topic: string, event: string, payload: object, isPrivate = false): Promise<string> {
    const body = { topic, event, payload, private: isPrivate };
    return (await this.#request<{ id: string }>('/supabase/send', body)).id;
  }

  async #request<T>(path: string, body?: object): Promise<T> {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(this.#control + path, init);
    const text = await answer.text();
    if (!answer.ok) throw Error(`${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
