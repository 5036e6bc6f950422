/**
 * The account library (better-auth), set up for this gateway: e-mail and password, session cookie and bearer token,
 * four roles, all of it kept in the gateway's own database through the storage worker. Reached over HTTP through
 * node-handler.ts, and by principals.ts with the question whose session a request carries.
 */
import { randomUUID } from 'node:crypto';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError } from 'better-auth/api';
import { betterAuth } from 'better-auth/minimal';
import { createAccessControl } from 'better-auth/plugins/access';
import { admin } from 'better-auth/plugins/admin';
import { defaultStatements } from 'better-auth/plugins/admin/access';
import { bearer } from 'better-auth/plugins/bearer';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import type { Log } from '../domain/ports.ts';
import { isRole, type Role } from '../domain/roles.ts';
import type { SqlValue, StorageClient } from '../storage/client.ts';
import { account, session, user, verification } from '../storage/schema.ts';
import type { AuthEvents } from './auth-events.ts';
import { gatewayPlugin } from './gateway-plugin.ts';
import { AUTH_BASE_PATH, CLIENT_ADDRESS_HEADER } from './node-handler.ts';
import {
  HasherOverloaded,
  PASSWORD_CHARS_MAX,
  PASSWORD_CHARS_MIN,
  type PasswordHasher,
} from './password-hasher.ts';

const SESSION_LIFE_S = 7 * 24 * 3600;
const SESSION_RENEWAL_S = 24 * 3600;
/** The oldest go first: a program that signs in for every request must not fill the disk. */
const SESSIONS_PER_USER_MAX = 20;
const NAME_CHARS_MAX = 100;
const USER_AGENT_CHARS_MAX = 256;
const DEFAULT_ROLE: Role = 'player';

export interface AccountsOptions {
  readonly storage: StorageClient;
  readonly hasher: PasswordHasher;
  readonly events: AuthEvents;
  readonly log: Log;
  /** Signs the tokens; 32 random bytes or more, kept with the installation. */
  readonly secret: string;
}

/** What a credential stands for. */
export interface SessionFacts {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: string | null;
  readonly banned: boolean;
  readonly expiresAtWallMs: number;
}

export interface Accounts {
  /** Answers a request below /auth. */
  handle(request: Request): Promise<Response>;
  /** Whose session these headers carry; null for nobody's. Rejects when the database cannot be asked. */
  findSession(headers: Headers): Promise<SessionFacts | null>;
}

/** Sets the library up. */
export function createAccounts(options: AccountsOptions): Accounts {
  const auth = betterAuth({
    appName: 'claw-gateway',
    basePath: AUTH_BASE_PATH,
    secret: options.secret,
    // Without a fixed address the library trusts the origin a request came to, and no other: the gateway is reached by
    // address and by name.
    trustedOrigins: [],
    database: drizzleAdapter(drizzleOver(options.storage), {
      provider: 'sqlite',
      schema: { user, session, account, verification },
    }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_CHARS_MIN,
      maxPasswordLength: PASSWORD_CHARS_MAX,
      password: {
        hash: (password) => orOverloaded(options.hasher.hash(password)),
        verify: ({ hash, password }) => orOverloaded(options.hasher.verify(hash, password)),
      },
    },
    session: { expiresIn: SESSION_LIFE_S, updateAge: SESSION_RENEWAL_S, cookieCache: { enabled: false } },
    databaseHooks: databaseHooks(options),
    plugins: [
      admin({ ac: accessControl, roles: rights, defaultRole: DEFAULT_ROLE, adminRoles: ['admin'] }),
      // The bare token in the database is not enough: only this gateway can sign it.
      bearer({ requireSignature: true }),
      gatewayPlugin(options),
    ],
    advanced: {
      cookiePrefix: 'claw',
      // Spoken over plain HTTP. Said outright, because the library would go by NODE_ENV.
      useSecureCookies: false,
      // Said outright, because the library turns both off where NODE_ENV says test.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      database: { generateId: () => randomUUID() },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    // It would count in this process alone and forget at each start; limits of our own are to come.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Else its router prints failed queries to the console, and they name their parameters: hashes and tokens.
    onAPIError: { throw: true },
    // Without a level: with one, the library also writes refusals to the console by itself.
    logger: { log: (level, message) => logLibrary(options.log, level, message) },
  });
  return {
    handle: (request) => auth.handler(request),
    async findSession(headers) {
      const found = await auth.api.getSession({ headers });
      if (found === null) return null;
      const { id, email, name, role, banned, banExpires } = found.user;
      return {
        userId: id,
        email,
        name,
        role: role ?? null,
        banned: banned === true && (banExpires == null || banExpires.getTime() > Date.now()),
        expiresAtWallMs: found.session.expiresAt.getTime(),
      };
    },
  };
}

const accessControl = createAccessControl(defaultStatements);
const noRights = () => accessControl.newRole({ user: [], session: [] });

/** What each role may do to accounts: only an admin anything. What it may do to claws is the domain's to say. */
const rights = {
  player: noRights(),
  operator: noRights(),
  technician: noRights(),
  admin: accessControl.newRole({
    user: ['create', 'list', 'get', 'set-role', 'ban', 'delete', 'set-password'],
    session: ['revoke'],
  }),
} satisfies Record<Role, unknown>;

function drizzleOver(storage: StorageClient) {
  return drizzle(async (sql, params: SqlValue[], method) => {
    const result = await storage.sql(sql, params, method);
    // Drizzle's type knows no absent row after `get`, its code does; `changes` is read by better-auth's adapter.
    return result as { rows: SqlValue[][]; changes: number };
  });
}

async function orOverloaded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof HasherOverloaded)) throw error;
    throw new APIError('SERVICE_UNAVAILABLE', { code: 'OVERLOADED', message: error.message });
  }
}

/** One role of ours, and a name that fits a screen. */
function checkUser(changed: { readonly role?: unknown; readonly name?: unknown }): void {
  if (changed.role !== undefined && !isRole(changed.role)) {
    throw new APIError('BAD_REQUEST', { code: 'INVALID_ROLE', message: 'There is no such role' });
  }
  if (typeof changed.name === 'string' && changed.name.length > NAME_CHARS_MAX) {
    throw new APIError('BAD_REQUEST', { code: 'NAME_TOO_LONG', message: 'The name is too long' });
  }
}

const PRUNE_SESSIONS = `DELETE FROM session WHERE user_id = ? AND (expires_at <= ? OR id NOT IN
  (SELECT id FROM session WHERE user_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ${SESSIONS_PER_USER_MAX}))`;

function databaseHooks({ storage, events }: AccountsOptions) {
  return {
    user: {
      create: { before: async (made: Record<string, unknown>) => checkUser(made) },
      update: { before: async (changed: Record<string, unknown>) => checkUser(changed) },
    },
    session: {
      create: {
        before: async (made: { readonly userAgent?: string | null | undefined }) => ({
          data: { ...made, userAgent: made.userAgent?.slice(0, USER_AGENT_CHARS_MAX) ?? null },
        }),
        after: async (made: { readonly userId: string }) => {
          await storage.sql(PRUNE_SESSIONS, [made.userId, Date.now(), made.userId], 'run');
        },
      },
      delete: {
        after: async (ended: { readonly userId: string }, ctx: EndContext | null) => {
          if (ctx?.path !== '/sign-out') return;
          const person = await ctx.context.internalAdapter.findUserById(ended.userId);
          await events.write({
            action: 'LOGOUT',
            userId: ended.userId,
            userEmail: person?.email ?? null,
            ipAddress: ctx.headers?.get(CLIENT_ADDRESS_HEADER) ?? null,
            userAgent: ctx.headers?.get('user-agent') ?? null,
            targetUserId: ended.userId,
            details: null,
            refusedCode: null,
            durationMs: events.durationMs(ctx.request),
          });
        },
      },
    },
  };
}

/** As much of the library's endpoint context as a session's end is told from. */
interface EndContext {
  readonly path: string;
  readonly headers?: Headers | undefined;
  readonly request?: Request | undefined;
  readonly context: {
    readonly internalAdapter: { findUserById(id: string): Promise<{ readonly email: string } | null> };
  };
}

/** The library's own words, without what it appends: a failed query names its parameters. */
function logLibrary(log: Log, level: string, message: string): void {
  if (level !== 'error') return;
  log.error(
    { library: 'better-auth' },
    message.split(/Failed query/, 1)[0] || 'A query of the account library failed.',
  );
}
