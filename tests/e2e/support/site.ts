/** A static file server for the pages under test. */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, normalize } from 'node:path';
import { CONSUMER, INSTALLED, ROOT } from './environment.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** Folders by the first part of the path. */
const FOLDERS: [prefix: string, folder: string][] = [
  ['/pkg/', INSTALLED],
  ['/consumer/', CONSUMER],
  ['/scenarios/', `${ROOT}/tests/scenarios`],
  ['/', `${import.meta.dirname}/../site`],
];

export interface Site {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves the installed package, what was built from it, and the pages of `site/`. The query parameter `csp`
 * of an address becomes its Content-Security-Policy.
 */
export async function serveSite(): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://_');
    const path = normalize(decodeURIComponent(pathname));
    const policy = searchParams.get('csp');
    const [prefix, folder] = FOLDERS.find(([start]) => path.startsWith(start)) ?? ['/', ''];
    try {
      const body = await readFile(`${folder}/${path.slice(prefix.length)}`);
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      const headers = { 'content-type': type, 'cache-control': 'no-store' };
      response.writeHead(200, { ...headers, ...(policy && { 'content-security-policy': policy }) });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
