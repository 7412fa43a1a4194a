/** Makes tokens that the server accepts. */
import { createHmac } from 'node:crypto';

/** The server's key. */
export const SECRET = 'a secret for the peers only';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns a token of a role that expires after some seconds. */
export function token(role: string, seconds = 600, claims: object = {}): string {
  const exp = Date.now() / 1_000 + seconds;
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ role, exp, ...claims })}`;
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}
