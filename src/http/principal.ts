/**
 * Who is asking. Stands before every route that does not say it is open: nobody gets past without a valid session
 * cookie or bearer token. Only headers are looked at; a token in an address is never read, because addresses end up
 * in logs and histories.
 */
import type { RequestHandler, Response } from 'express';
import type { Principal, Principals } from '../domain/ports.ts';
import { type Role, roleAllows } from '../domain/roles.ts';
import { sendProblem } from './problem.ts';

const known = new WeakMap<Response, Principal>();

/** The signed-in person of this request. Throws behind an open door, where there is none: that is a bug. */
export function principalOf(res: Response): Principal {
  const principal = known.get(res);
  if (principal === undefined) throw new Error('a handler asks for the principal of an open route');
  return principal;
}

/** Lets signed-in people pass. */
export function authenticate(principals: Principals): RequestHandler {
  return door((headers) => principals.identify(headers));
}

/** The same before a stop: a database that gives no answer must not hold up whoever was let in before. */
export function authenticateForStop(principals: Principals): RequestHandler {
  return door((headers) => principals.identifyForStop(headers));
}

function door(identify: Principals['identify']): RequestHandler {
  return async (req, res, next) => {
    const principal = await identify(req.headers);
    if (principal === 'unavailable') {
      sendProblem(req, res, 'storage_unavailable', { detail: 'Sessions cannot be checked at the moment.' });
    } else if (principal === null) {
      sendProblem(req, res, 'unauthenticated');
    } else {
      known.set(res, principal);
      next();
    }
  };
}

/** Lets people of at least this role pass; stands behind `authenticate`. */
export function requireRole(wanted: Role): RequestHandler {
  return (req, res, next) => {
    const { role } = principalOf(res);
    if (roleAllows(role, wanted)) next();
    else sendProblem(req, res, 'not_permitted', { detail: roleDetail(role, wanted) });
  };
}

/** Which role is wanted and which one is held. */
export function roleDetail(held: Role, wanted: Role): string {
  return `This wants at least the role ${wanted}; yours is ${held}.`;
}
