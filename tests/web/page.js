// The page around the driver, in the test's hands: its sockets, its clock, its timers, its
// visibility and its network. Everything the driver reaches for is a global looked up at the
// call, so it is replaced here, and nothing of the driver is.

/** Listeners of these are the driver's; the test runner's own are not counted. */
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

let made = [];

/** A WebSocket without a network: as strict as a real one; the test controls the other side. */
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
      throw new DOMException('a subprotocol is no token, or is there twice', 'SyntaxError');
    }
    this.url = address.href;
    this.offered = offered;
    for (const type of ['open', 'message', 'error', 'close']) {
      Object.defineProperty(this, `on${type}`, {
        get: () => this.#handlers.get(type) ?? null,
        set: (handler) => this.#handle(type, handler),
      });
    }
    made.push(this);
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

  /** The other side accepts the handshake. */
  open() {
    this.readyState = 1;
    this.protocol = this.offered[0] ?? '';
    this.dispatchEvent(new Event('open'));
  }

  /** The other side sends. */
  receive(data) {
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.url }));
  }

  /** The browser notices that it takes nothing more; the close event is yet to come. */
  ebb() {
    this.readyState = 2;
  }

  /** The socket is no more. */
  end(code, reason) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (code === 1006) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean: code !== 1006 }));
  }
}
globalThis.WebSocket = FakeSocket;

/** The sockets made since the test began. */
export function sockets() {
  return made;
}

// ----- time -----

/** Timers that may fire in one `advance`: far more than any scenario has. */
const MOST_FIRED = 10_000;

let elapsed = performance.now();
let wall = Date.now();
let timers = new Map();
let lastTimer = 0;
let mostArmed = 0;
let delays = [];

globalThis.setTimeout = (act, delay = 0) => {
  lastTimer += 1;
  // As browsers do: a 32-bit number, and what does not fit or is negative fires at once.
  timers.set(lastTimer, { act, due: elapsed + Math.max(delay | 0, 0) });
  delays.push(delay);
  // Whoever replaces a timer may arm the new one just before clearing the old one.
  queueMicrotask(() => {
    mostArmed = Math.max(mostArmed, timers.size);
  });
  return lastTimer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
};

function takeClock() {
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

/** Everything that is under way but needs no time has happened. */
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

/** Lets time pass; timers fire when they are due. */
export async function advance(ms) {
  const until = elapsed + ms;
  for (let fired = 0; ; fired += 1) {
    if (fired > MOST_FIRED) throw new Error('a timer fires over and over');
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

/** The machine slept: the monotonic clock stood still. Negative: somebody set the clock back. */
export function jump(ms) {
  wall += ms;
}

/** Fires what is armed although no time passed, as timers may by a fraction of a millisecond. */
export function fireEarly() {
  const early = [...timers];
  for (const [timer, { act }] of early) {
    timers.delete(timer);
    act();
  }
}

/** Timeouts armed now. */
export function armed() {
  return timers.size;
}

/** The most that stayed armed at once since the test began. */
export function armedAtMost() {
  return mostArmed;
}

/** The longest delay passed to `setTimeout` since the test began; NaN if one was not a whole number from 0 on. */
export function longestDelay() {
  return delays.reduce(
    (most, ms) => (Number.isInteger(ms) && ms >= 0 ? Math.max(most, ms) : NaN),
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
    (held) => held.target === this && held.type === type && held.callback === callback,
  );
  if (at >= 0) listening.splice(at, 1);
  return removeEventListener.call(this, type, callback, options);
};

/** Listeners on the page's own events. */
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

/** Takes the browser's network away or gives it back. */
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

/** Fires `pagehide` of a page that is not kept. */
export function end() {
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
}

// ----- exceptions nobody caught -----

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

/** A text as a server compresses it: a byte that names the format, then raw DEFLATE. */
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

/** A page on which nothing happened yet: visible, online, without sockets and timers. */
export function fresh() {
  if (before === undefined) {
    before = [made.length, delays.length, listening.length];
    takeClock();
  }
  // What earlier scenarios left behind (the default client, or one of a scenario that failed)
  // hears and does nothing in this one.
  for (const { target, type, callback } of listening.splice(0)) {
    removeEventListener.call(target, type, callback);
  }
  made = [];
  timers = new Map();
  delays = [];
  mostArmed = 0;
  uncaught = [];
  hidden = false;
  online = true;
}

/** How many sockets, timers and page listeners there were when the first test began. */
export function traces() {
  return before;
}
