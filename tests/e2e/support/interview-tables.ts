/** The tables of the older systems of interviews, as a Supabase project had them. */
import type { ServerOptions } from './server.js';

const text = (name: string) => ({ name, type: 'text' });

const CREATED = { name: 'created_at', type: 'timestamptz', default: 'now()' };
const AUTHOR = ['created_by', 'company_id'].map(text);

/** A server with these tables, and with the reference server's own for the native protocol. */
export const interviewServer: ServerOptions = {
  flags: ['--domains'],
  // A user whose tab is closed leaves soon.
  limits: { presenceGraceMs: 200 },
  tables: {
    interviews: {
      columns: [CREATED, ...AUTHOR, ...['project_id', 'title', 'status'].map(text)],
      rules: [{ field: 'title', forbid: 'forbidden' }],
    },
    interview_notes: {
      columns: [
        CREATED,
        ...AUTHOR,
        ...['interview_id', 'content'].map(text),
        { name: 'script_item_ids', type: 'text[]' },
        { name: 'is_deleted', type: 'bool' },
      ],
      rules: [{ field: 'content', forbid: 'forbidden' }],
    },
    interview_note_replies: {
      columns: [CREATED, ...AUTHOR, ...['note_id', 'content'].map(text)],
      rules: [{ field: 'content', forbid: 'forbidden' }],
    },
  },
  supabase: { users: { 'ann@demo.test': 'demo', 'bob@demo.test': 'demo' } },
};
