/**
 * /auth/* as Node's HTTP sees it: which of the account library's many routes exist here, and what reaches it of a
 * request. The rest answers 404, so that a route of a newer library version is not open before somebody chose it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from 'better-auth/node';
import type { Log } from '../domain/ports.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode, problemDetails } from '../domain/problems.ts';

/** Where the routes stand. */
export const AUTH_BASE_PATH = '/auth';

/** Carries the client's address inside the process; what a client sends under this name is overwritten. */
export const CLIENT_ADDRESS_HEADER = 'x-claw-client-address';

/**
 * The open routes. Lists of sessions are left out, since they show tokens of others; so are impersonation, social
 * accounts, e-mail links and free edits of a user.
 */
export const AUTH_ROUTES: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/sign-up/email': 'POST',
  '/sign-in/email': 'POST',
  '/sign-out': 'POST',
  '/get-session': 'GET',
  '/change-password': 'POST',
  '/revoke-sessions': 'POST',
  '/revoke-other-sessions': 'POST',
  '/admin/create-user': 'POST',
  '/admin/list-users': 'GET',
  '/admin/get-user': 'GET',
  '/admin/set-role': 'POST',
  '/admin/ban-user': 'POST',
  '/admin/unban-user': 'POST',
  '/admin/revoke-user-sessions': 'POST',
  '/admin/set-user-password': 'POST',
  '/admin/remove-user': 'POST',
};

export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface NodeHandlerOptions {
  /** The account library: a web request in, a web response out. */
  readonly handle: (request: Request) => Promise<Response>;
  /** The peer's address as the HTTP layer knows it. */
  readonly clientAddress: (req: IncomingMessage) => string | null;
  /** Called after everything but a GET, before the answer leaves: what was known of sessions may be wrong now. */
  readonly onChange: () => void;
  /** False while the database cannot be reached. */
  readonly available: () => boolean;
  readonly log: Log;
}

/** Makes the handler. It never rejects and always answers. */
export function createNodeHandler(options: NodeHandlerOptions): NodeHandler {
  const pass = toNodeHandler(async (request) => {
    const response = await handleAndForget(request, options);
    if (response.status < 400) return response;
    const isDown = response.status >= 500 && !options.available();
    return isDown ? problemResponse('storage_unavailable') : await asProblem(response);
  });
  return async (req, res) => {
    try {
      const method = AUTH_ROUTES[routeOf(req)];
      if (method === undefined) return await sendResponse(res, problemResponse('not_found'));
      if (method !== req.method)
        return await sendResponse(res, problemResponse('method_not_allowed', method));
      if (!options.available()) return await sendResponse(res, problemResponse('storage_unavailable'));
      prepareHeaders(req, options.clientAddress(req));
      await pass(req, res);
    } catch (error) {
      options.log.error(
        { error: error instanceof Error ? error.name : 'unknown' },
        'An account request failed.',
      );
      if (!res.headersSent) await sendResponse(res, problemResponse('internal'));
      else res.destroy();
    }
  };
}

/** Also a request that fails may have changed something on its way. */
async function handleAndForget(
  request: Request,
  { handle, onChange }: NodeHandlerOptions,
): Promise<Response> {
  try {
    return await handle(request);
  } finally {
    if (request.method !== 'GET') onChange();
  }
}

function routeOf(req: IncomingMessage): string {
  // Express keeps the whole address here when the handler is mounted below a path.
  const address = 'originalUrl' in req ? String(req.originalUrl) : (req.url ?? '');
  const path = address.split(/[?#]/, 1)[0] ?? '';
  return path.startsWith(`${AUTH_BASE_PATH}/`) ? path.slice(AUTH_BASE_PATH.length) : '';
}

function prepareHeaders(req: IncomingMessage, clientAddress: string | null): void {
  const { headers } = req;
  // No proxy is configured, so nobody may say that the request came another way than it did.
  delete headers['x-forwarded-proto'];
  delete headers['x-forwarded-host'];
  delete headers[CLIENT_ADDRESS_HEADER];
  if (clientAddress !== null) headers[CLIENT_ADDRESS_HEADER] = clientAddress;
  // The library refuses cookies without an Origin, for fear of other sites' pages. A browser always says where a POST
  // comes from; a program with a cookie jar does not, and no page can make it send anything.
  const fromBrowser = headers.origin ?? headers.referer ?? headers['sec-fetch-site'];
  if (fromBrowser === undefined && headers.host !== undefined) {
    headers.origin = `${'encrypted' in req.socket ? 'https' : 'http'}://${headers.host}`;
  }
}

/** The library's own errors, with its codes and messages, in the form of all other errors. */
async function asProblem(response: Response): Promise<Response> {
  const { status } = response;
  const fallback = status === 401 ? 'unauthenticated' : status < 500 ? 'bad_request' : 'internal';
  const { code = fallback, message = PROBLEMS[fallback].title } = errorOf(await response.text());
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('content-type', PROBLEM_MEDIA_TYPE);
  const mayRetry = status >= 500;
  const body = { type: 'about:blank', title: message, status, detail: message, code, mayRetry, message };
  return new Response(JSON.stringify(body), { status, headers });
}

function errorOf(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const { code, message } = Object(JSON.parse(text));
    return {
      ...(typeof code === 'string' ? { code } : {}),
      ...(typeof message === 'string' ? { message } : {}),
    };
  } catch {
    return {};
  }
}

function problemResponse(code: ProblemCode, allow?: string): Response {
  const { status } = PROBLEMS[code];
  const headers = new Headers({ 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' });
  if (allow !== undefined) headers.set('allow', allow);
  return new Response(JSON.stringify(problemDetails(code, null)), { status, headers });
}

async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}
