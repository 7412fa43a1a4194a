/**
 * A test double of the glue and its engine: records its calls, and reports what a test passes to it.
 * The module is loaded again for each test, like the package.
 */
import {
  Command,
  ErrorInForce,
  Kind,
  Receipt,
  STATES,
} from '../../pkg-template/src/generated/engine.js';
import type { Engine as EngineShape } from '../../pkg-template/src/generated/engine-interface.js';
import type { Sink } from '../../pkg-template/src/session/engine-abi.js';
import { guarded } from '../../pkg-template/src/session/trap-guard.js';
import { counted, measured } from './counters.js';
import { codeOf } from './reasons.js';

/** Commands without a subject. */
const WITHOUT_SUBJECT: number[] = [Command.Connect, Command.Disconnect, Command.Destroy];

/** The subject of a JWT, as the engine reads it. */
function subjectOf(given: Parameters<EngineShape['setToken']>[0]): string | undefined {
  const [, claims = ''] = (typeof given === 'string' ? given : (given?.token ?? '')).split('.');
  try {
    return JSON.parse(atob(claims)).sub;
  } catch {
    return undefined;
  }
}

type Call = [method: string, ...values: unknown[]];

/** A hook before each call, which may throw. */
let before: (method: string, values: unknown[]) => void = () => {};
let waiting: ((engine: Engine) => void)[] = [];

export const engines: Engine[] = [];
export let starts = 0;
export let resets = 0;

/** Called before each call is recorded. */
export const beforeEachCall = (hook: typeof before): void => {
  before = hook;
};

/** Calls the hook. An error that it throws is a trap, except an error of the engine, which the glue throws. */
function callHook(method: string, values: unknown[]): void {
  let rejection: object | undefined;
  guarded(() => {
    try {
      before(method, values);
    } catch (thrown) {
      if (!(thrown as { hint?: string } | null)?.hint) throw thrown;
      rejection = thrown as object;
    }
  })();
  if (rejection) throw rejection;
}

/** The engine that is made next, after the queued calls were replayed. */
export const nextEngine = (): Promise<Engine> =>
  new Promise((resolve) => {
    waiting.push(resolve);
  });

export class Engine implements EngineShape {
  readonly calls: Call[] = [];
  readonly channels = new Map<string, number>();
  #demanded = false;

  constructor(
    readonly options: object,
    readonly sink: Sink,
  ) {
    callHook('new', [options]);
    engines.push(this);
    for (const resolve of waiting) resolve(this);
    waiting = [];
  }

  #record(method: string, ...values: unknown[]): void {
    callHook(method, values);
    this.calls.push([method, ...values]);
  }

  /** Reports a change of demand, like the engine. */
  #demand(is: boolean): void {
    if (is === this.#demanded) return;
    this.#demanded = is;
    this.sink(
      Kind.State,
      STATES.indexOf(is ? 'connecting' : 'idle'),
      codeOf(is ? 'demand' : 'disconnect_called'),
      undefined,
      is ? ErrorInForce.Latest : ErrorInForce.None,
    );
  }

  /** The calls of one method, without its name. */
  of(method: string): unknown[][] {
    return this.calls.filter((call) => call[0] === method).map((call) => call.slice(1));
  }

  /** The decisions on the next messages; none is decided on by its head otherwise. */
  readonly receipts: Receipt[] = [];
  receiveHead(...values: Parameters<EngineShape['receiveHead']>): number {
    this.#record('receiveHead', ...values);
    return this.receipts.shift() ?? Receipt.Undecided;
  }
  receiveValue(...values: Parameters<EngineShape['receiveValue']>): void {
    this.#record('receiveValue', ...values);
  }
  receiveData(...values: Parameters<EngineShape['receiveData']>): void {
    this.#record('receiveData', ...values);
  }
  poll(): void {
    this.#record('poll');
  }
  subscribe(subscriber: number, channel: string, options?: object): number {
    this.#record('subscribe', subscriber, channel, options);
    return this.#join(channel);
  }
  openCollection(...values: Parameters<EngineShape['openCollection']>): number {
    this.#record('openCollection', ...values);
    return this.#join(values[2]);
  }
  /** The results of {@link peekCollection}: the arguments of a report, by channel. */
  readonly peeked = new Map<string, unknown[]>();
  peekCollection(...values: Parameters<EngineShape['peekCollection']>): unknown[] | undefined {
    this.#record('peekCollection', ...values);
    return this.peeked.get(values[0]);
  }
  #join(channel: string): number {
    const id = this.channels.get(channel) ?? this.channels.size + 1;
    this.channels.set(channel, id);
    this.#demand(true);
    return id;
  }
  send(...values: Parameters<EngineShape['send']>): void {
    this.#record('send', ...values);
    this.#demand(true);
  }
  configure(options: object, reconnect: boolean): void {
    this.#record('configure', options, reconnect);
  }
  run(command: number, subject: number): void {
    const method = (Command[command] ?? 'nothing').toLowerCase();
    if (WITHOUT_SUBJECT.includes(command)) this.#record(method);
    else this.#record(method, subject);
    if (command === Command.Connect) this.#demand(true);
    if (command === Command.Disconnect) this.#demand(false);
  }
  answerUrl(...values: Parameters<EngineShape['answerUrl']>): void {
    this.#record('answerUrl', ...values);
  }
  answerToken(...values: Parameters<EngineShape['answerToken']>): string | null | undefined {
    this.#record('answerToken', ...values);
    const [, given, error] = values;
    const isToken = typeof (given ?? '') === 'string' || typeof Object(given).token === 'string';
    return error === undefined && isToken ? subjectOf(given) : null;
  }
  mutate(...values: Parameters<EngineShape['mutate']>): void {
    this.#record('mutate', ...values);
    this.#demand(true);
  }
  answerLoad(...values: Parameters<EngineShape['answerLoad']>): void {
    this.#record('answerLoad', ...values);
  }
  answer(...values: Parameters<EngineShape['answer']>): void {
    this.#record('answer', ...values);
  }
  answerFailed(...values: Parameters<EngineShape['answerFailed']>): void {
    this.#record('answerFailed', ...values);
  }
  presence(...values: Parameters<EngineShape['presence']>): void {
    this.#record('presence', ...values);
  }
  typing(...values: Parameters<EngineShape['typing']>): void {
    this.#record('typing', ...values);
  }
  answerInflate(...values: Parameters<EngineShape['answerInflate']>): void {
    this.#record('answerInflate', ...values);
  }
  setToken(...values: Parameters<EngineShape['setToken']>): string | undefined {
    this.#record('setToken', ...values);
    return subjectOf(values[0]);
  }
  metrics(): number[] {
    this.#record('metrics');
    return measured({ connectTime: Number.NaN, isConnected: 1, messagesReceived: 7 });
  }
  channelStats(): [string, ...number[]][] {
    return [...this.channels.keys()].map((key) =>
      counted(key, { state: 2, continuity: 1, referenceCount: 1 }),
    );
  }
  free(): void {
    this.#record('free');
  }
}

export function initSync(options: { module: WebAssembly.Module }): void {
  if (!(options.module instanceof WebAssembly.Module)) throw TypeError('not a module');
  starts += 1;
}

export function __wbg_reset_state(): void {
  resets += 1;
}
