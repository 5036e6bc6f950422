/**
 * Node's HTTP server with every bound set, and closing that settles. A board with 512 MB must outlive slow, silent
 * and countless clients, and a restart must not wait for any of them.
 */
import {
  createServer as createNodeServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../domain/ports.ts';
import type { ProblemCode } from '../domain/problems.ts';
import { PROBLEM_MEDIA_TYPE, problemDetails } from './problem.ts';

/** The bounds; every one of them can be narrowed for a test. */
export interface ServerLimits {
  /** From the first byte to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte to the end of the body. */
  readonly requestTimeoutMs: number;
  /** How often the two above are looked at. */
  readonly timeoutCheckIntervalMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly headerBytesMax: number;
  readonly requestsPerSocketMax: number;
  readonly connectionsMax: number;
  /** How long closing waits for answers that are under way. */
  readonly closeTimeoutMs: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  timeoutCheckIntervalMs: 1_000,
  keepAliveTimeoutMs: 15_000,
  headerBytesMax: 8 * 1024,
  requestsPerSocketMax: 10_000,
  connectionsMax: 256,
  closeTimeoutMs: 3_000,
};

export interface HttpServer {
  /** Starts listening; rejects with Node's error (EADDRINUSE, EACCES …) where that fails. */
  listen(host: string, port: number): Promise<AddressInfo>;
  /** Stops listening, ends streams and idle connections, and cuts what is left when the time is over. */
  close(): Promise<void>;
}

export interface ServerDependencies {
  readonly app: RequestListener;
  readonly closeStreams: () => void;
  readonly clock: Clock;
  readonly limits?: ServerLimits;
}

/** Wraps the app in a bounded server. */
export function createServer(deps: ServerDependencies): HttpServer {
  const limits = deps.limits ?? SERVER_LIMITS;
  const server = boundedServer(deps.app, limits);
  const answering = new Set<ServerResponse>();
  server.prependListener('request', (_req, res) => {
    answering.add(res);
    res.once('close', () => answering.delete(res));
  });
  let closing: Promise<void> | null = null;
  return {
    listen: (host, port) => listen(server, host, port),
    close() {
      closing ??= close(server, answering, deps, limits);
      return closing;
    },
  };
}

function boundedServer(app: RequestListener, limits: ServerLimits): Server {
  const server = createNodeServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    app,
  );
  // Headers are bounded by their bytes. A bound on their number would drop the rest in silence, an Origin among them.
  server.maxHeadersCount = 0;
  server.maxRequestsPerSocket = limits.requestsPerSocketMax;
  server.maxConnections = limits.connectionsMax;
  server.on('clientError', answerUnreadable);
  return server;
}

const PARSER_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers what was not even HTTP, or came too slowly; then hangs up. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // An answer that has begun cannot be followed by another one; and a line that is gone takes none.
  const begun = 'bytesWritten' in socket && Number(socket.bytesWritten) > 0;
  if (begun || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const details = problemDetails(PARSER_PROBLEMS[error.code ?? ''] ?? 'bad_request', null);
  const body = JSON.stringify(details);
  const head = [
    `HTTP/1.1 ${details.status} ${details.code}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function close(
  server: Server,
  answering: ReadonlySet<ServerResponse>,
  { closeStreams, clock }: ServerDependencies,
  limits: ServerLimits,
): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const cancelTimer = clock.after(limits.closeTimeoutMs, () => server.closeAllConnections());
    // Node also closes the connections that are idle now; the others close with the answers they still get.
    server.close(() => {
      cancelTimer();
      resolve();
    });
    for (const res of answering) if (!res.headersSent) res.shouldKeepAlive = false;
    closeStreams();
  });
}
