/**
 * The auth room put together, for compose.ts: the handler of /auth/*, the answer to "who is asking", and the claim of a
 * new gateway. They share one password hasher, and a change through the handler empties the memory of principals before
 * its answer leaves.
 */
import type { IncomingMessage } from 'node:http';
import type { AuditLog, Clock, Log } from '../domain/ports.ts';
import type { StorageClient } from '../storage/client.ts';
import { createAccounts } from './accounts.ts';
import { AuthEvents } from './auth-events.ts';
import { createNodeHandler, type NodeHandler } from './node-handler.ts';
import { PasswordHasher } from './password-hasher.ts';
import { CachedPrincipals } from './principals.ts';
import { FirstAdminSetup } from './setup.ts';

export interface AuthOptions {
  readonly storage: StorageClient;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs session tokens; 32 random bytes or more, the same at every start. */
  readonly secret: string;
  readonly clientAddress: (req: IncomingMessage) => string | null;
}

export interface Auth {
  /** For requests below /auth/, their bodies unread. Never rejects. */
  readonly handler: NodeHandler;
  readonly principals: CachedPrincipals;
  readonly setup: FirstAdminSetup;
}

/** Makes the room over an open database. */
export function createAuth(options: AuthOptions): Auth {
  const { storage, audit, clock, log, secret, clientAddress } = options;
  const hasher = new PasswordHasher();
  const events = new AuthEvents({ audit, clock, log });
  const accounts = createAccounts({ storage, hasher, events, log, secret });
  const principals = new CachedPrincipals({
    findSession: (headers) => accounts.findSession(headers),
    clock,
    log,
  });
  const handler = createNodeHandler({
    handle: (request) => accounts.handle(request),
    clientAddress,
    onChange: () => principals.clear(),
    available: () => storage.health().status === 'up',
    log,
  });
  const setup = new FirstAdminSetup({ storage, hasher, audit, clock, log });
  return { handler, principals, setup };
}
