/** A page with the presence of a channel: of the library, or of code without a library. */
import { library } from 'library-under-test';
import type { PresenceDialect } from '../dialects/dialect.js';
import { ALL_FEATURES, TidewireDialect } from '../dialects/tidewire.js';
import { type FakeSocket, messageEvent } from './fake-socket.js';
import { followByHand } from './presence-by-hand.js';
import { sourceOf } from './source.js';

const { FakeSocket: Installed } = globalThis as unknown as { FakeSocket: typeof FakeSocket };

/** The members of the channel. */
const MEMBERS = 1_000;

const memberOf = (n: number): [string, object] => [
  `member-${n}`,
  { ref: `ref-${n}`, name: `Member ${n}`, mood: n % 2 ? 'fine' : 'busy', since: 1_700_000_000 + n },
];

/** The n-th change: the member who joined first leaves, and a new one joins. */
function diffOf(dialect: PresenceDialect, n: number): string {
  const joined = Object.fromEntries([memberOf(MEMBERS + n)]);
  return dialect.presenceDiff('room', joined, Object.fromEntries([memberOf(n)]));
}

const stateOf = (dialect: PresenceDialect): string =>
  dialect.presenceState('room', new Map(Array.from({ length: MEMBERS }, (_, n) => memberOf(n))));

export const presence = {
  /** Returns false where the library has no presence. */
  async byLibrary(): Promise<boolean> {
    const dialect = library.dialect() as PresenceDialect;
    Installed.shared.dialect = dialect;
    const client = await library.connect('ws://127.0.0.1');
    if (!client.follow) return false;
    let updates = 0;
    await client.follow('room', () => updates++);
    const { latest } = Installed.shared;
    if (!latest) throw Error('The library opened no socket.');
    latest.deliver([messageEvent(stateOf(dialect))]);
    globalThis.source = sourceOf(
      (n) => diffOf(dialect, n),
      (events) => latest.deliver(events),
      () => updates,
    );
    return true;
  },

  async byHand(): Promise<void> {
    const dialect = new TidewireDialect(ALL_FEATURES);
    let updates = 0;
    const receive = followByHand(() => updates++);
    receive(messageEvent(stateOf(dialect)));
    globalThis.source = sourceOf(
      (n) => diffOf(dialect, n),
      (events) => events.forEach(receive),
      () => updates,
    );
  },
};

export type Presence = typeof presence;

Object.assign(globalThis, { presence });
