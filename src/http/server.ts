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
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../domain/ports.ts';
import { PROBLEM_MEDIA_TYPE, type ProblemCode, problemDetails } from '../domain/problems.ts';

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
  /** One more cuts the longest idle one. */
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
  const lines = new Lines(server, limits.connectionsMax);
  let closing: Promise<void> | null = null;
  return {
    listen: (host, port) => listen(server, host, port),
    close() {
      closing ??= close(server, lines, deps, limits);
      return closing;
    },
  };
}

/**
 * The open connections and what is being answered on each. Node's own closing of idle connections passes over those
 * that have not asked anything yet, and over those that become idle later; its own bound refuses the newest, so that
 * whoever opens many and asks nothing could keep everybody else from a stop. Here the longest idle one makes room.
 */
class Lines {
  /** The longest idle first. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>();
  readonly #connectionsMax: number;
  #closing = false;

  constructor(server: Server, connectionsMax: number) {
    this.#connectionsMax = connectionsMax;
    server.on('connection', (socket: Socket) => {
      if (this.#answers.size >= this.#connectionsMax && !this.#makeRoom()) {
        socket.destroy();
        return;
      }
      this.#answers.set(socket, new Set());
      socket.once('close', () => this.#answers.delete(socket));
    });
    server.prependListener('request', (req, res) => this.#begin(req.socket, res));
  }

  #begin(socket: Socket, res: ServerResponse): void {
    const answers = this.#answers.get(socket);
    answers?.add(res);
    res.once('close', () => {
      answers?.delete(res);
      if (answers !== undefined && this.#answers.delete(socket)) this.#answers.set(socket, answers);
      if (this.#closing) socket.destroySoon();
    });
  }

  /** Cuts a connection that waits for no answer: one that is silent, or still sending its request. */
  #makeRoom(): boolean {
    for (const [socket, answers] of this.#answers) {
      if ([...answers].some((res) => res.req.complete)) continue;
      this.#answers.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Closes each connection now, or with the answer that it is still owed. */
  closeWhenAnswered(): void {
    this.#closing = true;
    for (const [socket, answers] of this.#answers) {
      if (answers.size === 0) socket.destroy();
      // Tells the client not to send its next request on this connection.
      for (const res of answers) if (!res.headersSent) res.shouldKeepAlive = false;
    }
  }
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
  lines: Lines,
  { closeStreams, clock }: ServerDependencies,
  limits: ServerLimits,
): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const cancelTimer = clock.after(limits.closeTimeoutMs, () => server.closeAllConnections());
    server.close(() => {
      cancelTimer();
      resolve();
    });
    lines.closeWhenAnswered();
    closeStreams();
  });
}
