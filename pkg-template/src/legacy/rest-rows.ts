/** Rows at the REST paths of the legacy systems, which the reference server serves too. */
import type { Position } from '../index.js';
import type { AuthStore } from './auth.js';
import type { LegacyRows, LegacyWhere } from './rows.js';

/** The part of the configuration that requests use. */
interface RestAccess {
  readonly api: string;
  readonly fetch: typeof fetch;
  readonly auth: AuthStore;
}

interface Reply {
  data?: unknown;
  position?: Position;
  error?: { code?: string; message?: string } | string;
}

const PATHS: Record<string, (where: LegacyWhere) => string> = {
  interviews: ({ project_id = '' }) => `/projects/${encodeURIComponent(project_id)}/interviews`,
  interview_notes: ({ interview_id = '' }) =>
    `/interviews/${encodeURIComponent(interview_id)}/notes`,
  interview_note_replies: ({ interview_id = '' }) =>
    `/interviews/${encodeURIComponent(interview_id)}/replies`,
};

const pathOf = (table: string, where: LegacyWhere): string =>
  `/api${PATHS[table]?.(where) ?? `/${table}`}`;

function errorOf({ status, statusText }: Response, { error }: Reply): Error {
  const { code, message } = typeof error === 'object' ? error : { message: error };
  return Object.assign(Error(message ?? `${status} ${statusText}`), { status, code });
}

/** Loads and stores rows at REST paths. */
export function restRows(access: () => RestAccess): LegacyRows {
  async function request(
    path: string,
    method: string,
    body?: object,
    mutation?: string,
  ): Promise<Reply> {
    const { api, fetch, auth } = access();
    const token = auth.getSnapshot()?.session?.access_token;
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(mutation && { 'Idempotency-Key': mutation }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const reply: Reply = await response.json().catch(() => ({}));
    if (!response.ok) throw errorOf(response, reply);
    return reply;
  }
  const one = (table: string, where: LegacyWhere, id: string): string =>
    `${pathOf(table, where)}/${encodeURIComponent(id)}`;
  return {
    async load(table, where) {
      const { data, position } = await request(pathOf(table, where), 'GET');
      return { rows: data as never[], position };
    },
    insert: async (table, where, row, mutation) =>
      (await request(pathOf(table, where), 'POST', row, mutation)).data as object,
    update: async (table, where, id, patch, mutation) =>
      (await request(one(table, where, id), 'PATCH', patch, mutation)).data as object,
    async remove(table, where, id, mutation) {
      await request(one(table, where, id), 'DELETE', undefined, mutation);
    },
  };
}
