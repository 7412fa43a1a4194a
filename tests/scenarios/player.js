// Runs scenarios against a running reference server. A scenario is data: the actions of clients, and the expected
// results. It runs with the clients of the npm package and with those of the bare module, so it uses only functions that
// both have.

/** The time limit of each expectation, in milliseconds. */
const TIMEOUT_MS = 20_000;
const POLL_MS = 5;

const ADDRESSES = { tidewire: '/ws/realtime', phoenix: '/socket', supabase: '/' };

/** The options of every client, with short delays. */
const OPTIONS = { reconnect: { baseMs: 20, maxMs: 200 }, batchMs: 10, lingerMs: 50 };

async function until(condition, describe) {
  const end = performance.now() + TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > end) throw Error(`timed out: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether a value has all expected parts: objects may have additional members, arrays no additional items. */
function matches(value, expected) {
  if (typeof expected !== 'object' || expected === null) return Object.is(value, expected);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((part, at) => matches(value[at], part))
    );
  }
  return Object.entries(expected).every(([key, part]) => matches(value[key], part));
}

const show = (value) => JSON.stringify(value);

async function request(url, init) {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw Error(`${url} answered ${answer.status}: ${text}`);
  return text && JSON.parse(text);
}

function setVisible(visible) {
  const state = visible ? 'visible' : 'hidden';
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => !visible });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

/** The run of one scenario. Its methods are the steps of scenarios. */
class Play {
  constructor(scenario, { createClient, origin, control }) {
    this.scenario = scenario;
    this.createClient = createClient;
    this.origin = origin;
    this.control = control;
    this.clients = {};
    this.handles = {};
    this.inboxes = {};
    this.presences = {};
    this.collections = {};
    this.errors = {};
    this.states = {};
    /** Sends and mutations by name. */
    this.pending = {};
  }

  async run() {
    for (const [at, step] of this.scenario.steps.entries()) {
      const { do: action, ...values } = step;
      if (typeof this[action] !== 'function') throw Error(`there is no step ${action}`);
      try {
        await this[action](values);
      } catch (error) {
        throw Error(`step ${at + 1} ${show(step)}: ${error?.stack ?? error}`);
      }
    }
  }

  end() {
    for (const client of Object.values(this.clients)) client.destroy();
    setVisible(true);
  }

  post(path, body) {
    return request(this.control + path, { method: 'POST', body: JSON.stringify(body) });
  }

  handle({ client, channel }) {
    return this.handles[`${client} ${channel}`];
  }

  inbox({ client, channel, event = '*' }) {
    return this.inboxes[`${client} ${channel} ${event}`];
  }

  watch(name, promise) {
    const entry = { outcome: undefined };
    promise.then(
      (value) => {
        entry.outcome = { value };
      },
      (error) => {
        entry.outcome = { error };
      },
    );
    this.pending[name] = entry;
    return entry;
  }

  // ----- actions of clients -----

  /** Creates a client; its user has the same name. */
  async client({ client: name, options = {} }) {
    const protocol = this.scenario.protocol ?? 'tidewire';
    const client = this.createClient({
      ...OPTIONS,
      protocol,
      url: this.origin.replace('http', 'ws') + ADDRESSES[protocol],
      ...(protocol === 'supabase'
        ? { apiKey: (await request(`${this.origin}/demo/anon-key`)).key }
        : {
            getToken: async () => (await request(`${this.origin}/demo/token?user=${name}`)).token,
          }),
      ...options,
    });
    this.clients[name] = client;
    this.errors[name] = [];
    this.states[name] = [];
    client.on('error', (error) => this.errors[name].push(error));
    client.on('state', (state) => this.states[name].push(state));
  }

  /** Opens a handle, and records the messages that it receives. */
  open({ client, channel, options }) {
    const handle = this.clients[client].channel(channel, options);
    const key = `${client} ${channel}`;
    this.handles[key] = handle;
    const inbox = [];
    this.inboxes[`${key} *`] = inbox;
    handle.on('*', (payload, meta) => inbox.push({ payload, meta }));
  }

  /** Records the messages of one event of a handle; with a filter, database changes. */
  listen({ client, channel, event, filter }) {
    const inbox = [];
    this.inboxes[`${client} ${channel} ${event}`] = inbox;
    const record = (payload, meta) => inbox.push({ payload, meta });
    const handle = this.handle({ client, channel });
    if (filter) handle.on(event, filter, record);
    else handle.on(event, record);
  }

  /** Adds a listener that throws. */
  throwOn({ client, channel, event }) {
    this.handle({ client, channel }).on(event, () => {
      throw Error('a listener of the scenario');
    });
  }

  release({ client, channel }) {
    this.handle({ client, channel }).release();
  }

  send({ client, channel, event, payload, options, as = 'send' }) {
    const handle = this.handle({ client, channel });
    const sent =
      handle === undefined
        ? this.clients[client].send(channel, payload, { ...options, ...(event && { event }) })
        : event === undefined
          ? handle.send(payload, options)
          : handle.send(event, payload, options);
    if (typeof sent.id !== 'string') throw Error('a send has no id');
    this.watch(as, sent.acked).sent = sent;
  }

  disconnect({ client }) {
    this.clients[client].disconnect();
  }

  async connect({ client }) {
    await this.clients[client].connect();
  }

  track({ client, channel, meta, key, as = 'track' }) {
    this.watch(as, this.handle({ client, channel }).presence.track(meta, key && { key }).acked);
  }

  updatePresence({ client, channel, meta, as = 'track' }) {
    this.watch(as, this.handle({ client, channel }).presence.update(meta).acked);
  }

  untrack({ client, channel, as = 'untrack' }) {
    this.watch(as, this.handle({ client, channel }).presence.untrack().acked);
  }

  /** Records the events of presence. */
  listenPresence({ client, channel }) {
    const events = [];
    this.presences[`${client} ${channel}`] = events;
    const { presence } = this.handle({ client, channel });
    for (const event of ['join', 'update', 'leave']) {
      presence.on(event, (key, metas) => events.push([event, key, metas.length]));
    }
  }

  type({ client, channel, typing }) {
    const own = this.handle({ client, channel }).typing;
    if (typing) own.start();
    else own.stop();
  }

  /** Opens a collection. `loads`: from the table of its channel; `stores`: by HTTP requests. */
  collection({ client, channel, as = 'rows', options = {}, loads, stores }) {
    const url = `${this.origin}/tables/${encodeURIComponent(channel)}`;
    this.collections[as] = this.clients[client].collection(channel, {
      ...options,
      ...(loads && { load: () => request(url) }),
      ...(stores && {
        persist: async ({ kind, key, row }, { mutation }) => {
          const answer = await request(url, {
            method: 'POST',
            headers: { 'idempotency-key': mutation },
            body: JSON.stringify({ change: kind, key, ...(row && { row: { ...row, id: key } }) }),
          });
          return answer.row ?? undefined;
        },
      }),
    });
  }

  insert({ collection = 'rows', row, as = 'change' }) {
    this.watch(as, this.collections[collection].insert(row).promise);
  }

  update({ collection = 'rows', key, patch, as = 'change' }) {
    this.watch(as, this.collections[collection].update(key, patch).promise);
  }

  remove({ collection = 'rows', key, as = 'change' }) {
    this.watch(as, this.collections[collection].remove(key).promise);
  }

  /** Expects a call to throw an error with this code. */
  throws({ client, call, values, code }) {
    try {
      this.clients[client][call](...values);
    } catch (error) {
      const { code: thrown, hint, message } = error;
      if (!(error instanceof Error) || thrown !== code || !hint || !message) {
        throw Error(`it threw ${error} (${thrown})`);
      }
      return;
    }
    throw Error('it did not throw');
  }

  // ----- actions of the server and the page -----

  /** Cuts all connections; waits until there is at least one. */
  async cut({ fault = { drop: true } }) {
    const protocol = this.scenario.protocol ?? 'tidewire';
    if (protocol !== 'tidewire') {
      await this.post(`/${protocol}/sockets`, { cut: true });
      return;
    }
    while (!(await this.post('/faults', { connection: 'all', ...fault })).applied) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async restart({ logs = 'keep', downMs = 0 }) {
    await this.post('/restart', { logs, downMs });
  }

  async trim({ channel }) {
    await this.post('/trim', { channel, keep: 0 });
  }

  /** Publishes a message over HTTP; retries until the server is listening. */
  async publish({ channel, event, payload }) {
    const id = crypto.randomUUID();
    const body = JSON.stringify({ channel, event, payload, id });
    for (let tries = 0; ; tries++) {
      try {
        await request(`${this.origin}/publish`, { method: 'POST', body });
        return;
      } catch (error) {
        // `fetch` throws a `TypeError` if nothing is listening; the same id is never published twice.
        if (!(error instanceof TypeError) || tries > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  }

  /** Publishes `{ n: from }` up to `{ n: to }`. */
  async publishMany({ channel, event, from, to }) {
    for (let n = from; n <= to; n++) await this.publish({ channel, event, payload: { n } });
  }

  /** Changes a table over Supabase's REST interface. */
  async rest({ table, method = 'POST', query = '', body }) {
    const { key } = await request(`${this.origin}/demo/anon-key`);
    await request(`${this.origin}/rest/v1/${table}${query}`, {
      method,
      headers: { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async broadcast({ topic, event, payload }) {
    await this.post(`/${this.scenario.protocol}/broadcast`, { topic, event, payload });
  }

  hide() {
    setVisible(false);
  }

  show() {
    setVisible(true);
  }

  // ----- expectations -----

  async clientState({ client, is }) {
    await until(
      () => this.clients[client].state === is,
      () => `the state is ${this.clients[client].state}`,
    );
  }

  async channelState({ client, channel, is = 'ready' }) {
    const handle = this.handle({ client, channel });
    await until(
      () => handle.state === is,
      () => `the state is ${handle.state} (${handle.error})`,
    );
  }

  async continuity({ client, channel, is }) {
    const handle = this.handle({ client, channel });
    await until(
      () => handle.continuity === is,
      () => `the continuity is ${handle.continuity}`,
    );
  }

  /** Expects exactly these payloads, in this order. */
  async received({ client, channel, event, payloads }) {
    const inbox = this.inbox({ client, channel, event });
    await until(
      () => inbox.length >= payloads.length,
      () => `received ${show(inbox.map(({ payload }) => payload))}`,
    );
    const got = inbox.map(({ payload }) => payload);
    if (!matches(got, payloads)) throw Error(`received ${show(got)}`);
  }

  /** Expects `{ n: from }` up to `{ n: to }`, each once, in order. */
  async receivedMany({ client, channel, event, from, to }) {
    const payloads = Array.from({ length: to - from + 1 }, (_, at) => ({ n: from + at }));
    await this.received({ client, channel, event, payloads });
  }

  /** Expects these members of a message's metadata. */
  metaOf({ client, channel, event, at = 0, has }) {
    const { meta } = this.inbox({ client, channel, event })[at];
    if (!matches(meta, has)) throw Error(`its meta is ${show(meta)}`);
  }

  async outcomeOf(as) {
    const entry = this.pending[as];
    await until(
      () => entry.outcome,
      () => `${as} is ${entry.sent?.status ?? 'pending'}`,
    );
    return entry.outcome;
  }

  /** Expects a send or a change to succeed. */
  async succeeded({ as, has = {} }) {
    const { value, error } = await this.outcomeOf(as);
    if (error) throw error;
    if (!matches(value, has)) throw Error(`its outcome is ${show(value)}`);
  }

  /** Expects a send or a change to fail. */
  async failed({ as, code }) {
    const { value, error } = await this.outcomeOf(as);
    if (!error) throw Error(`its outcome is ${show(value)}`);
    const isError = error instanceof Error && error.name === 'RealtimeError' && error.hint;
    if (!isError || error.code !== code) throw Error(`it failed with ${error} (${error?.code})`);
  }

  status({ as, is }) {
    const { status } = this.pending[as].sent;
    if (status !== is) throw Error(`its status is ${status}`);
  }

  /** Expects exactly these members to be present, with these metas. */
  async members({ client, channel, are }) {
    const { presence } = this.handle({ client, channel });
    const now = () => Object.fromEntries(presence.state);
    const keys = Object.keys(are).sort();
    await until(
      () => matches(now(), are) && matches(Object.keys(now()).sort(), keys),
      () => `present are ${show(now())}`,
    );
  }

  async presenceEvents({ client, channel, are }) {
    const events = this.presences[`${client} ${channel}`];
    await until(
      () => events.length >= are.length,
      () => `the events are ${show(events)}`,
    );
    if (!matches(events, are)) throw Error(`the events are ${show(events)}`);
  }

  async who({ client, channel, are }) {
    const { typing } = this.handle({ client, channel });
    await until(
      () => matches([...typing.who], are),
      () => `typing are ${show(typing.who)}`,
    );
  }

  /** Expects exactly these rows, in this order. */
  async rows({ collection = 'rows', are, pending }) {
    const rows = this.collections[collection];
    await until(
      () =>
        !rows.isLoading &&
        matches(rows.items, are) &&
        (pending === undefined || rows.pending.length === pending),
      () => `shown are ${show(rows.getSnapshot())}`,
    );
  }

  async error({ client, code }) {
    await until(
      () => this.errors[client].some((error) => error.code === code),
      () => `the errors are ${show(this.errors[client].map((error) => error.code))}`,
    );
  }

  async metric({ client, name, is, atLeast }) {
    const value = () => this.clients[client].getMetrics()[name];
    await until(
      () => (atLeast === undefined ? value() === is : value() >= atLeast),
      () => `${name} is ${value()}`,
    );
  }
}

/**
 * Runs a scenario, given as JSON. Rejects with the step that failed.
 *
 * `environment`: `createClient(options)`, and the server's `origin` and `control` addresses
 */
export async function play(text, environment) {
  const scenario = JSON.parse(text);
  const play = new Play(scenario, environment);
  try {
    await play.run();
  } catch (error) {
    throw Error(`${scenario.name}: ${error.message}`);
  } finally {
    play.end();
  }
}
