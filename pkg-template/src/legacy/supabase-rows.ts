/** Rows in the tables of a Supabase project. */
import type { LegacyRows, LegacyWhere } from './rows.js';
import type { LegacyQuery, LegacyResponse, LegacySupabase } from './supabase-types.js';

const filtered = (query: LegacyQuery, where: LegacyWhere): LegacyQuery =>
  Object.entries(where).reduce((result, [column, value]) => result.eq(column, value), query);

async function rowsOf(query: PromiseLike<LegacyResponse>): Promise<unknown[]> {
  const { data, error } = await query;
  if (error) throw Object.assign(Error(error.message), { code: error.code });
  return data as unknown[];
}

/** Returns the members that are columns of a table: a reply has only a reference to its note. */
function ownColumns<T extends object>(table: string, members: T): T {
  if (table !== 'interview_note_replies') return members;
  const { interview_id, ...own } = members as { interview_id?: unknown };
  return own as T;
}

export function supabaseRows(supabase: LegacySupabase): LegacyRows {
  const from = (table: string): LegacyQuery => supabase.from(table);
  return {
    load: async (table, where) =>
      (await rowsOf(filtered(from(table).select('*'), ownColumns(table, where)))) as never[],
    insert: async (table, where, row) =>
      (
        await rowsOf(
          from(table)
            .insert(ownColumns(table, { ...where, ...row }))
            .select(),
        )
      )[0] as object,
    update: async (table, _where, id, patch) =>
      (await rowsOf(from(table).update(patch).eq('id', id).select()))[0] as object,
    async remove(table, _where, id) {
      await rowsOf(from(table).delete().eq('id', id));
    },
  };
}
