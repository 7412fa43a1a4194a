/** An app of all services on one client: the lists of one user, each opened when it is first requested. */
import { type Collection, createRealtimeClient, type Mutation } from 'tidewire';
import * as services from 'tidewire/services';

const PROJECT = '1';
const INTERVIEW = 'interview-1';
const BILL = '1';
const CAMPAIGN = '1';

const query = new URLSearchParams(location.search);
const [origin = '', token = '', me = ''] = ['origin', 'token', 'me'].map(
  (name) => query.get(name) ?? '',
);
/** `persist=false`: changes go over the channels. */
const persist = query.get('persist') !== 'false';
const api = { base: `${origin}/api`, token, persist };
const source =
  query.get('source') === 'reference'
    ? services.reference({ ...api, base: origin })
    : services.rest(api);

const client = createRealtimeClient({
  url: `${origin.replace('http', 'ws')}/ws/realtime`,
  getToken: () => token,
  reconnect: { baseMs: 20, maxMs: 200 },
});
const opened = { client, source };
const interviews = services.interviews(opened);
const bills = services.bills(opened);
const community = services.community(opened);
const notifications = services.notifications(opened);
const calls = services.calls(opened);
const bids = services.bids(opened);

/** Violations that snapshots had: a key twice, or one of the tests' own rows under two keys. */
const doubled: string[] = [];
/** The states that rows were shown in, by their keys. */
const states = new Map<string, string[]>();

/** Returns a function that makes a value at its first call, and returns it at each. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A list that is opened at its first use, and whose snapshots are checked. */
const list = <T extends { id: string; status?: string }>(open: () => Collection<T>) =>
  once(() => {
    const shown = open();
    shown.on('change', ({ items }) => {
      const keys = items.map(({ id }) => id);
      const own = items.flatMap((row) => JSON.stringify(row).match(/\bown \w+/) ?? []);
      for (const marks of [keys, own]) {
        if (new Set(marks).size < marks.length) doubled.push(`${shown.channel}: ${marks}`);
      }
      for (const { id, status } of items) {
        const before = states.get(id) ?? [];
        if (status && before.at(-1) !== status) states.set(id, [...before, status]);
      }
    });
    return shown;
  });

const page = {
  client,
  services,
  me,
  doubled,
  states,
  interviews: list(() => interviews.interviews(PROJECT)),
  notes: list(() => interviews.notes(INTERVIEW)),
  replies: list(() => interviews.replies(INTERVIEW)),
  room: once(() => interviews.interview(INTERVIEW)),
  bills: list(() => bills.bills()),
  engagement: list(() => bills.engagement()),
  bill: bills.bill,
  comments: list(() => community.comments(BILL)),
  votes: list(() => community.votes(BILL)),
  experts: list(() => community.experts()),
  moderation: list(() => community.moderation()),
  discussion: once(() => community.discussion(BILL)),
  notifications: list(() => notifications.notifications(me)),
  notificationsOf: notifications.notifications,
  calls: list(() => calls.calls(CAMPAIGN)),
  campaigns: list(() => calls.campaigns()),
  bids: list(() => bids.bids(CAMPAIGN)),
  /** Events that were received, by name. */
  received: new Map<string, unknown[]>(),
  /** The outcomes of mutations: `'confirmed'`, or the server's code. */
  outcomes: (...mutations: Pick<Mutation<object>, 'promise'>[]): Promise<string[]> =>
    Promise.all(
      mutations.map(({ promise }) =>
        promise.then(
          ({ confirmed }) => (confirmed ? 'confirmed' : 'unconfirmed'),
          ({ code, cause }) => cause?.code ?? code,
        ),
      ),
    ),
};

export type ServicesPage = typeof page;

declare global {
  interface Window {
    services: ServicesPage;
  }
}

window.services = page;
