/** Signs tokens like an app's own backend. */
import { createHmac } from 'node:crypto';

/** The key with which the reference server is configured. */
export const KEY = { alg: 'HS256', secret: 'the secret of the browser tests' } as const;

/** The claims of a token. */
export interface Claims {
  /** The user. */
  sub?: string;
  /** The remaining lifetime, in milliseconds. Default: ten minutes. */
  ttlMs?: number;
  /** The server rejects it with 4002. */
  forbidden?: boolean;
  /** The role for Supabase: `anon`, `authenticated`. */
  role?: string;
  /** The only channels that it permits. */
  channels?: string[];
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed JWT. */
export function signToken({ sub = 'ann', ttlMs = 600_000, ...rest }: Claims = {}): string {
  const now = Date.now() / 1_000;
  const claims = { sub, iat: now, exp: now + ttlMs / 1_000, ...rest };
  const head = `${encode({ alg: KEY.alg, typ: 'JWT' })}.${encode(claims)}`;
  return `${head}.${createHmac('sha256', KEY.secret).update(head).digest('base64url')}`;
}
