/** One HTTP client of a bench: one kept-alive connection, one request at a time, timed from call to last byte. */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly tookMs: number;
}

export interface Caller {
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  readonly close: () => void;
}

/** A client of the server at `origin`. */
export function caller(origin: string): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call: Caller['call'] = (method, path, body, headers = {}) => {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const startMs = performance.now();
      const outgoing = request(
        new URL(path, origin),
        { method, agent, headers: { ...type, 'content-length': Buffer.byteLength(payload), ...headers } },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => {
            text += chunk;
          });
          incoming.on('error', reject);
          incoming.on('end', () => {
            const tookMs = performance.now() - startMs;
            const isJson = /json/.test(incoming.headers['content-type'] ?? '');
            const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parsed, tookMs });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  };
  return { call, close: () => agent.destroy() };
}
