// Replaces the parts of the page that the driver uses, so that tests control them: sockets, clock, timers,
// visibility and network. The driver looks up these globals at every call, so it is not changed itself.

/** The events whose listeners are counted: those of the driver, not those of the test runner. */
const PAGE_EVENTS = [
  'visibilitychange',
  'freeze',
  'resume',
  'pagehide',
  'pageshow',
  'online',
  'offline',
];

// ----- sockets -----

let created = [];

/** A WebSocket without a network, as strict as a real one. The test acts as the server. */
class FakeSocket extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  CONNECTING = 0;
  OPEN = 1;
  CLOSING = 2;
  CLOSED = 3;

  readyState = 0;
  protocol = '';
  extensions = '';
  bufferedAmount = 0;
  binaryType = 'blob';
  /** What the driver sent, closed with, and offered. */
  sent = [];
  closedWith = undefined;
  offered = [];

  #handlers = new Map();

  constructor(url, protocols = []) {
    super();
    const address = new URL(url, location.href);
    const offered = [protocols].flat();
    const isName = (name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
    if (!/^wss?:$/.test(address.protocol) || address.hash !== '') {
      throw new DOMException(`no WebSocket address: ${url}`, 'SyntaxError');
    }
    if (!offered.every(isName) || new Set(offered).size !== offered.length) {
      throw new DOMException('a subprotocol is not a token, or is a duplicate', 'SyntaxError');
    }
    this.url = address.href;
    this.offered = offered;
    for (const type of ['open', 'message', 'error', 'close']) {
      Object.defineProperty(this, `on${type}`, {
        get: () => this.#handlers.get(type) ?? null,
        set: (handler) => this.#handle(type, handler),
      });
    }
    created.push(this);
  }

  #handle(type, handler) {
    const former = this.#handlers.get(type);
    if (former) this.removeEventListener(type, former);
    this.#handlers.delete(type);
    if (typeof handler === 'function') {
      this.#handlers.set(type, handler);
      this.addEventListener(type, handler);
    }
  }

  send(data) {
    if (this.readyState === 0) throw new DOMException('not open yet', 'InvalidStateError');
    if (this.readyState === 1) this.sent.push(data);
  }

  close(code, reason = '') {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`not the application's code: ${code}`, 'InvalidAccessError');
    }
    if (new TextEncoder().encode(reason).length > 123) {
      throw new DOMException('the reason is too long', 'SyntaxError');
    }
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.closedWith = code ?? 1005;
  }

  /** Opens the socket: the server accepts the handshake. */
  open() {
    this.readyState = 1;
    this.protocol = this.offered[0] ?? '';
    this.dispatchEvent(new Event('open'));
  }

  /** Delivers a message of the server. */
  receive(data) {
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.url }));
  }

  /** The socket is closing: it sends nothing more, and has not dispatched its close event yet. */
  startClosing() {
    this.readyState = 2;
  }

  /** Closes the socket. */
  end(code, reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (code === 1006) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean: code !== 1006 }));
  }
}
globalThis.WebSocket = FakeSocket;

/** The sockets created since the test began. */
export function sockets() {
  return created;
}

// ----- time -----

/** The maximum number of timers that fire in one `advance`; no test needs as many. */
const MAX_FIRED = 10_000;

let elapsed = performance.now();
let wall = Date.now();
let timers = new Map();
let lastTimer = 0;
let maxArmed = 0;
let delays = [];

globalThis.setTimeout = (act, delay = 0) => {
  lastTimer += 1;
  // Like in browsers: the delay is a 32-bit number; a longer or negative one fires at once.
  timers.set(lastTimer, { act, due: elapsed + Math.max(delay | 0, 0) });
  delays.push(delay);
  // When a timer is replaced, the new one may be set just before the old one is cleared.
  queueMicrotask(() => {
    maxArmed = Math.max(maxArmed, timers.size);
  });
  return lastTimer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
};

function replaceClock() {
  Object.defineProperty(globalThis, 'performance', {
    value: { now: () => elapsed },
    configurable: true,
  });
  Date.now = () => Math.floor(wall);
}

function pass(ms) {
  elapsed += ms;
  wall += ms;
}

/** Resolves once all pending tasks that need no timer are done. */
export function settle() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Advances time; timers fire when they are due. */
export async function advance(ms) {
  const until = elapsed + ms;
  for (let fired = 0; ; fired += 1) {
    if (fired > MAX_FIRED) throw new Error('a timer fires endlessly');
    await settle();
    const [first] = [...timers].sort(([, a], [, b]) => a.due - b.due);
    if (first === undefined || first[1].due > until) break;
    const [timer, { act, due }] = first;
    pass(Math.max(due - elapsed, 0));
    timers.delete(timer);
    act();
  }
  pass(Math.max(until - elapsed, 0));
}

/** Advances the wall clock only, as a sleep of the machine does. Negative: the clock is set back. */
export function jump(ms) {
  wall += ms;
}

/** Fires all timers before they are due, as browsers may by a fraction of a millisecond. */
export function fireEarly() {
  const early = [...timers];
  for (const [timer, { act }] of early) {
    timers.delete(timer);
    act();
  }
}

/** The number of set timers. */
export function armed() {
  return timers.size;
}

/** The maximum number of timers that were set at the same time since the test began. */
export function armedAtMost() {
  return maxArmed;
}

/** The longest delay passed to `setTimeout` since the test began; NaN if one was not a non-negative integer. */
export function longestDelay() {
  return delays.reduce(
    (longest, ms) => (Number.isInteger(ms) && ms >= 0 ? Math.max(longest, ms) : NaN),
    0,
  );
}

// ----- the page's own events -----

const listening = [];
const { addEventListener, removeEventListener } = EventTarget.prototype;
const ofPage = (target, type) =>
  (target === window || target === document) && PAGE_EVENTS.includes(type);

EventTarget.prototype.addEventListener = function (type, callback, options) {
  if (ofPage(this, type)) listening.push({ target: this, type, callback });
  return addEventListener.call(this, type, callback, options);
};
EventTarget.prototype.removeEventListener = function (type, callback, options) {
  const at = listening.findIndex(
    (entry) => entry.target === this && entry.type === type && entry.callback === callback,
  );
  if (at >= 0) listening.splice(at, 1);
  return removeEventListener.call(this, type, callback, options);
};

/** The number of listeners of the page's own events. */
export function pageListeners() {
  return listening.length;
}

let hidden = false;
let online = true;
Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
Object.defineProperty(document, 'hidden', { get: () => hidden });
Object.defineProperty(navigator, 'onLine', { get: () => online });

/** Hides or shows the document. */
export function setHidden(value) {
  hidden = value;
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

/** Sets whether the browser has a network. */
export function setOnline(value) {
  online = value;
  window.dispatchEvent(new Event(value ? 'online' : 'offline'));
}

/** Fires `freeze` or `resume` on the document, `pagehide` or `pageshow` on the window. */
export function lifecycle(type) {
  const target = type.startsWith('page') ? window : document;
  target.dispatchEvent(
    type.startsWith('page') ? new PageTransitionEvent(type, { persisted: true }) : new Event(type),
  );
}

/** Fires `pagehide` of a page that is not cached. */
export function end() {
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
}

// ----- uncaught exceptions -----

let uncaught = [];
for (const type of ['error', 'unhandledrejection']) {
  addEventListener.call(
    window,
    type,
    (event) => {
      uncaught.push(String(event.error?.message ?? event.reason?.message ?? event.message));
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
}

/** The messages of the exceptions that reached the browser since the test began. */
export function reported() {
  return uncaught;
}

// ----- tests -----

/** Compresses a text as a server does: a byte that identifies the format, then raw DEFLATE. */
export async function deflated(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return Uint8Array.of(1, ...bytes).buffer;
}

/** The value of an expression over `a` and `b`. */
export function evaluate(expression, a, b) {
  return new Function('a', 'b', `return (${expression});`)(a, b);
}

let before;

/** Resets the page: visible, online, without sockets and timers. */
export function fresh() {
  if (before === undefined) {
    before = [created.length, delays.length, listening.length];
    replaceClock();
  }
  // Clients of earlier tests (the default client, or that of a test that failed) receive no events
  // in this one.
  for (const { target, type, callback } of listening.splice(0)) {
    removeEventListener.call(target, type, callback);
  }
  created = [];
  timers = new Map();
  delays = [];
  maxArmed = 0;
  uncaught = [];
  hidden = false;
  online = true;
}

/** The numbers of sockets, timers and page listeners when the first test began. */
export function traces() {
  return before;
}
