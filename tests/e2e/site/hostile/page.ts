/**
 * Passes hostile values to the packed engine through every entry, from the app and from servers, and checks after each
 * batch that all clients work.
 */
import * as tidewire from 'tidewire';
import { Random } from '../../support/random.js';
import { ENTRIES, openTarget, optionsFor, RARE, type Target } from './entries.js';
import { hostileFrame } from './frames.js';
import { replaceSockets, SERVERS, type ServerKind, servers } from './sockets.js';
import { hostileText } from './values.js';

/** Values of one batch. */
const BATCH = 250;
/** The time limit in which a client must work after a batch, in milliseconds. */
const TIME_LIMIT_MS = 5_000;

/** The results of a run. */
export interface Findings {
  values: number;
  batches: number;
  /** How often each entry was used. */
  entries: Record<string, number>;
  /** Errors reported by their code. */
  codes: Record<string, number>;
  /** wasm instances beyond the first: each took the place of one that trapped. */
  replacements: number;
  /** Descriptions of what is wrong. */
  faults: string[];
  /** Bytes of the wasm memory, after the first tenth of the batches and at the end. */
  wasmBytes: [early: number, late: number];
}

const instances: WebAssembly.Instance[] = [];
const NativeInstance = WebAssembly.Instance;
WebAssembly.Instance = function make(
  module: WebAssembly.Module,
  imports?: WebAssembly.Imports,
): WebAssembly.Instance {
  const instance = new NativeInstance(module, imports);
  instances.push(instance);
  return instance;
} as unknown as typeof WebAssembly.Instance;

const wasmBytes = (): number => {
  const exported = Object.values(instances.at(-1)?.exports ?? {});
  const memory = exported.find((value) => value instanceof WebAssembly.Memory);
  return (memory as WebAssembly.Memory | undefined)?.buffer.byteLength ?? 0;
};

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

const pause = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the condition is met; returns whether it was. */
async function becomes(isMet: () => boolean): Promise<boolean> {
  const end = performance.now() + TIME_LIMIT_MS;
  while (!isMet()) {
    if (performance.now() > end) return false;
    await pause(2);
  }
  return true;
}

/** A client that must keep working. */
class Subject {
  readonly client: tidewire.RealtimeClient;
  /** The last valid message that was received. */
  #received = 0;
  #sent = 0;

  constructor(
    readonly kind: ServerKind,
    readonly findings: Findings,
  ) {
    this.client = tidewire.createRealtimeClient(optionsFor(kind));
    this.client.on('error', ({ code }) => count(findings.codes, code));
    this.client.subscribe('canary', {}, (message) => {
      this.#received = (message as { payload: number }).payload ?? message;
    });
  }

  /** Checks that it is ready and receives a message. */
  async check(where: string): Promise<void> {
    const { client, kind, findings } = this;
    const canary = () =>
      client.getChannelStats().channels.find(({ key }) => key === 'canary')?.state;
    if (!(await becomes(() => client.isReady() && canary() === 'ready'))) {
      findings.faults.push(`${where}: ${kind} is ${client.state}, its channel ${canary()}`);
      return;
    }
    this.#sent += 1;
    servers[kind].message('canary', this.#sent);
    if (!(await becomes(() => this.#received === this.#sent))) {
      findings.faults.push(`${where}: ${kind} did not receive a message`);
    }
  }
}

/** Passes at least so many hostile values. */
async function run(seed: number, values: number): Promise<Findings> {
  const random = new Random(seed);
  const findings: Findings = {
    values: 0,
    batches: 0,
    entries: {},
    codes: {},
    replacements: 0,
    faults: [],
    wasmBytes: [0, 0],
  };
  const uncaught = (event: ErrorEvent | PromiseRejectionEvent): void => {
    event.preventDefault();
    const error = 'reason' in event ? event.reason : event.error;
    findings.faults.push(`uncaught, batch ${findings.batches}: ${message(error)}`);
  };
  window.addEventListener('error', uncaught);
  window.addEventListener('unhandledrejection', uncaught);
  for (const server of Object.values(servers)) {
    server.answer = () => {
      const chance = random.next();
      if (chance < 0.3) return undefined;
      return chance < 0.7 ? hostileText(random) : `{"id":"1","n":${hostileText(random)}}`;
    };
  }
  const subjects = SERVERS.map((kind) => new Subject(kind, findings));
  for (const subject of subjects) await subject.check('at first');
  while (findings.values < values && findings.faults.length < 20) {
    findings.batches += 1;
    const where = `batch ${findings.batches}`;
    const targets = subjects.map(({ kind, client }) =>
      openTarget(random, kind, client, `v${findings.batches}`),
    );
    await pause(1);
    const end = findings.values + BATCH;
    while (findings.values < end) {
      passValues(random, random.pick(targets), findings, where);
      if (random.next() < 0.1) await pause();
    }
    await pause(10);
    for (const target of targets) target.release();
    for (const subject of subjects) await subject.check(where);
    if (findings.batches * BATCH <= values / 10) findings.wasmBytes[0] = wasmBytes();
  }
  if (Object.hasOwn(Object.prototype, 'polluted')) findings.faults.push('a prototype is polluted');
  findings.replacements = instances.length - 1;
  findings.wasmBytes[1] = wasmBytes();
  for (const { client } of subjects) client.destroy();
  return findings;
}

/** Whether it is the error with which the client rejects a value. */
function isRejection(error: unknown): boolean {
  try {
    return (
      error instanceof tidewire.RealtimeError &&
      /^(invalid_argument|channel_limit)$/.test(error.code)
    );
  } catch {
    return false;
  }
}

function message(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'something that cannot be read';
  }
}

/** Passes one or a few values. */
function passValues(random: Random, target: Target, findings: Findings, where: string): void {
  if (random.next() < 0.45) {
    const server = servers[target.kind];
    const { data, values } = hostileFrame(random, server, target.name);
    findings.values += values;
    count(findings.entries, `frames, ${target.kind}`);
    server.send(data);
    return;
  }
  const name = random.pick(Object.keys(ENTRIES));
  if (random.next() < (RARE[name] ?? 0)) return;
  findings.values += 1;
  count(findings.entries, name);
  try {
    ENTRIES[name]?.(random, target);
  } catch (error) {
    const ownKey = target.isKeyed && name.startsWith('insert');
    if (!isRejection(error) && !ownKey)
      findings.faults.push(`${where}, ${name}: threw ${message(error)}`);
  }
}

declare global {
  interface Window {
    hostile: { run: typeof run };
  }
}

replaceSockets();
window.hostile = { run };
