import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page and a trace, served on the loopback interface. */
export interface Viewing {
  /** Where to look at it. */
  readonly url: string;
  close(): Promise<void>;
}

/** A byte range of a file as RFC 9110 §14 writes it, both ends included; undefined for one that the file does not have. */
export function parseRange(header: string, size: number): { first: number; last: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first <= last && first < size ? { first, last } : undefined;
}

/**
 * Serves the viewer with one trace to browsers on this machine.
 *
 * The trace is sent in the ranges that the viewer asks for, so its size does not matter. Nothing else is served.
 *
 * @param trace its path; or a replay file or a scenario that is no file
 * @param port 0 for any free one
 */
export async function serve(page: string, trace: string | Uint8Array, port: number): Promise<Viewing> {
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
    } else if (path === '/trace') {
      const size = typeof trace === 'string' ? statSync(trace).size : trace.length;
      const header = request.headers.range;
      const range = header === undefined ? { first: 0, last: size - 1 } : parseRange(header, size);
      if (range === undefined) {
        response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
        return;
      }
      response.writeHead(header === undefined ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'accept-ranges': 'bytes',
        'cache-control': 'no-store',
        'content-length': range.last - range.first + 1,
        ...(header === undefined ? {} : { 'content-range': `bytes ${range.first}-${range.last}/${size}` }),
      });
      if (request.method === 'HEAD' || size === 0) response.end();
      else if (typeof trace === 'string') createReadStream(trace, { start: range.first, end: range.last }).pipe(response);
      else response.end(trace.subarray(range.first, range.last + 1));
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not here');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/?trace=/trace`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
