/**
 * Whether this request may be meant for us at all, asked before who sends it. A web page elsewhere can make a browser
 * on the LAN call us: by a name of its own that resolves to our address (DNS rebinding; the Host gives it away) or
 * across origins (the Origin does). Both are refused, signed in or not.
 */
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** The host and port of a Host header in the form a URL gives them; null when it is none. */
function parseHost(host: string, scheme: string): { readonly name: string; readonly origin: string } | null {
  // Only what a host may hold: a URL parser would also take user names, paths and blanks out of it.
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.test(host)) return null;
  const url = URL.parse(`${scheme}://${host}`);
  return url === null ? null : { name: url.hostname.replace(/\.$/, ''), origin: url.origin };
}

function schemeOf(req: Request): string {
  return 'encrypted' in req.socket ? 'https' : 'http';
}

function isOurName(name: string, allowed: ReadonlySet<string>): boolean {
  // A page cannot get an origin of a bare address or a .local name by way of public DNS.
  const address = name.startsWith('[') ? name.slice(1, -1) : name;
  return isIP(address) !== 0 || name === 'localhost' || name.endsWith('.local') || allowed.has(name);
}

/** Whether the request says no origin, or its own. `null`, the origin of sandboxed pages, is not our own. */
export function hasOwnOrigin(req: Request): boolean {
  const { origin, host } = req.headers;
  return origin === undefined || parseHost(host ?? '', schemeOf(req))?.origin === origin;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Refuses foreign hosts, foreign origins on all that is more than reading, and addresses that are none. */
export function gate(allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return (req, res, next) => {
    const host = parseHost(req.headers.host ?? '', schemeOf(req));
    if (host === null || !isOurName(host.name, allowed)) {
      sendProblem(req, res, 'origin_forbidden', {
        detail:
          'The Host header names a host that is not known to be this gateway; its configuration can add it.',
      });
      return;
    }
    const onlyReads = req.method === 'GET' || req.method === 'HEAD';
    if (!onlyReads && !hasOwnOrigin(req)) {
      sendProblem(req, res, 'origin_forbidden', { detail: 'The Origin is not that of this gateway.' });
      return;
    }
    // The absolute form carries a second host that nobody checked; a broken escape would fail before sign-in is asked.
    if (!req.originalUrl.startsWith('/') || !isDecodable(req.path)) {
      sendProblem(req, res, 'bad_request', { detail: 'The address cannot be read.' });
      return;
    }
    next();
  };
}
