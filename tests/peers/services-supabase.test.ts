/** Services on a Supabase project: loaded and stored by supabase-js, updated by database changes. */
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { RealtimeClient } from 'tidewire';
import {
  addNote,
  community,
  decideReport,
  defineService,
  fromSupabase,
  interviews,
  type Note,
  notesWithReplies,
  replyToNote,
  rows,
} from 'tidewire/services';
import { createSupabaseRealtime } from 'tidewire/supabase';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './inbox.js';
import { nameTransport, PEER } from './page.js';
import { Server } from './server.js';
import { Tap } from './tap.js';
import { token } from './tokens.js';

const columns = (...names: string[]) => [
  ...names.map((name) => ({ name, type: 'text' })),
  { name: 'script_item_ids', type: 'text[]' },
  { name: 'created_at', type: 'timestamptz', default: 'now()' },
];

const tables = {
  interview_notes: {
    columns: [...columns('interview_id', 'content'), { name: 'version', type: 'int8' }],
    rules: [{ field: 'content', forbid: 'forbidden' }],
    rows: [
      { id: 'a', interview_id: '7', content: 'first', created_at: '2026-01-01T00:00:00Z' },
      { id: 'b', interview_id: '8', content: 'elsewhere', created_at: '2026-01-02T00:00:00Z' },
    ],
  },
  interview_note_replies: { columns: columns('interview_id', 'note_id', 'content') },
  moderation: {
    columns: [
      { name: 'state', type: 'text' },
      { name: 'created_at', type: 'timestamptz' },
      { name: 'version', type: 'int8' },
    ],
    rows: [{ id: 'a', state: 'open' }],
  },
  days: {
    columns: [{ name: 'day', type: 'text' }],
    rows: ['c', 'a', 'd', 'b'].map((day) => ({ id: day, day })),
  },
};

describe('services with supabase-js', () => {
  let server: Server;
  let ends: (() => void)[];

  beforeEach(async () => {
    server = await Server.start({ supabase: { anonymousWrites: true }, tables });
    ends = [];
  });

  afterEach(async () => {
    for (const end of ends) end();
    await server.stop();
  });

  /** Opens the project as a user. */
  function openClient(): { client: RealtimeClient; supabase: SupabaseClient } {
    const { transport } = new Tap();
    const supabase = createClient(server.origin, token('anon'), {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: transport as unknown as typeof globalThis.WebSocket },
    });
    const client = createSupabaseRealtime(supabase, {
      params: { [PEER]: nameTransport(transport) },
      reconnect: { baseMs: 30, maxMs: 30 },
      batchMs: 0,
      lingerMs: 0,
    });
    ends.push(() => client.destroy());
    return { client, supabase };
  }

  async function open() {
    const { client, supabase } = openClient();
    const service = interviews({ client, source: fromSupabase(supabase) });
    const [notes, replies] = [service.notes(7), service.replies('7')];
    await eventually(() => !notes.isLoading && !replies.isLoading);
    return { notes, replies, supabase };
  }

  const contents = ({ items }: { items: readonly Note[] }) => items.map(({ content }) => content);

  it('a list has the rows of its channel, and the changes of other users', async () => {
    const [ann, bob] = [await open(), await open()];
    expect(contents(ann.notes)).toEqual(['first']);
    const mutation = addNote(bob.notes, 7, { content: 'second', script_item_ids: ['3'] });
    await bob.supabase.from('interview_notes').insert({ interview_id: '8', content: 'elsewhere' });
    expect((await mutation.promise).row).toMatchObject({ content: 'second' });
    await eventually(() => contents(ann.notes).length === 2);
    expect(contents(ann.notes)).toEqual(['first', 'second']);
    const [, second] = ann.notes.items;
    if (!second) throw Error('there is no second note');
    await replyToNote(ann.replies, second, 'So?').promise;
    await eventually(() => bob.replies.items.length === 1);
    expect(notesWithReplies(bob.notes.items, bob.replies.items)).toMatchObject([
      { content: 'first', replies: [] },
      { content: 'second', script_item_ids: ['3'], replies: [{ content: 'So?' }] },
    ]);
    await ann.notes.remove(second.id).promise;
    await eventually(() => contents(bob.notes).join() === 'first');
  });

  it('only the change that the database rejects is rolled back', async () => {
    const { notes } = await open();
    const good = notes.update('a', { content: 'better' });
    const bad = addNote(notes, 7, { content: 'a forbidden word' });
    const later = addNote(notes, 7, { content: 'third' });
    await expect(bad.promise).rejects.toMatchObject({
      code: 'rejected',
      cause: { code: 'invalid' },
    });
    await Promise.all([good.promise, later.promise]);
    await eventually(() => notes.pending.length === 0);
    expect(contents(notes).sort()).toEqual(['better', 'third']);
  });

  it('a conflict is resolved by the policy of the table', async () => {
    const { client, supabase } = openClient();
    const of = { client, source: fromSupabase(supabase) };
    const [notes, moderation] = [interviews(of).notes(7), community(of).moderation()];
    await eventually(() => !notes.isLoading && !moderation.isLoading);
    // The following changes are stored before those of this client, and published after them.
    await server.settings({ changeDelayMs: 200 });
    await supabase
      .from('interview_notes')
      .update({ script_item_ids: ['3'] })
      .eq('id', 'a');
    await supabase.from('moderation').update({ state: 'dismissed' }).eq('id', 'a');
    const mine = notes.update('a', { content: 'mine' });
    const late = decideReport(moderation, 'a', 'upheld');
    await expect(mine.promise).resolves.toMatchObject({
      row: { content: 'mine', script_item_ids: ['3'], version: 3 },
    });
    await expect(late.promise).rejects.toMatchObject({ cause: { code: 'conflict' } });
    await eventually(() => moderation.get('a')?.state === 'dismissed');
  });

  it('changes during an interruption are loaded after it', async () => {
    const { notes, supabase } = await open();
    await server.fault('supabase', { cut: true });
    await supabase.from('interview_notes').insert({ interview_id: '7', content: 'meanwhile' });
    await eventually(() => contents(notes).length === 2);
    expect(contents(notes)).toEqual(['first', 'meanwhile']);
  });

  it('with a limit the newest rows are requested', async () => {
    const { client, supabase } = openClient();
    const calendar = defineService({
      rows: {
        days: rows<{ id: string; day: string }>()({
          channel: 'days',
          table: 'days',
          order: 'day',
          limit: 2,
        }),
      },
    });
    const days = calendar({ client, source: fromSupabase(supabase) }).days();
    await eventually(() => !days.isLoading);
    expect(days.items.map(({ day }) => day)).toEqual(['c', 'd']);
    await days.insert({ day: 'e' }).promise;
    await eventually(() => days.items.map(({ day }) => day).join('') === 'de');
  });

  it('a list whose rows cannot be loaded has the error of the database', async () => {
    const { client, supabase } = openClient();
    const wrong = defineService({
      rows: {
        days: rows<{ id: string; nothing: string }>()({
          channel: 'days',
          table: 'days',
          order: 'nothing',
        }),
      },
    });
    const found = wrong({ client, source: fromSupabase(supabase) }).days();
    await eventually(() => found.error !== null);
    expect(found.error).toMatchObject({ code: 'load_failed', cause: { code: 'invalid' } });
  });
});
