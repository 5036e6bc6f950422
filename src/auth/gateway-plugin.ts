/**
 * Our own rules around the account library, as a plugin of it: what a password or role change ends, what answers show
 * of a token, and the audit event of each request. It stands last in the list, so it sees what the others did.
 */
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware, isAPIError } from 'better-auth/api';
import type { Log } from '../domain/ports.ts';
import { AUTH_EVENTS, type AuthEvents } from './auth-events.ts';
import { CLIENT_ADDRESS_HEADER } from './node-handler.ts';
import { PASSWORD_CHARS_MIN } from './password-hasher.ts';

/** After these the named person's old sessions end. */
const ENDS_SESSIONS_OF_NAMED: readonly string[] = ['/admin/set-role', '/admin/set-user-password'];
/** A wrong current password is worth a row, though its status is that of any bad input. */
const WRONG_PASSWORD_CODE = 'INVALID_PASSWORD';

type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];

export interface GatewayPluginOptions {
  readonly events: AuthEvents;
  readonly log: Log;
}

/** Makes the plugin. */
export function gatewayPlugin({ events, log }: GatewayPluginOptions) {
  return {
    id: 'claw-gateway',
    async onRequest(request) {
      events.started(request);
    },
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/change-password',
          handler: createAuthMiddleware(endOtherSessions),
        },
        {
          matcher: ({ path }) => path === '/admin/create-user',
          handler: createAuthMiddleware(checkPassword),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path !== undefined && Object.hasOwn(AUTH_EVENTS, path),
          handler: createAuthMiddleware(async (ctx) => {
            const refused = isAPIError(ctx.context.returned);
            if (!refused && ENDS_SESSIONS_OF_NAMED.includes(ctx.path)) {
              await ctx.context.internalAdapter.deleteUserSessions(textOf(ctx.body, 'userId') ?? '');
            }
            try {
              await tell(ctx, events);
            } catch (error) {
              // Telling must not undo what was done.
              log.error({ path: ctx.path, error: nameOf(error) }, 'An account event could not be told.');
            }
            return refused ? undefined : withSignedToken(ctx);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** A changed password ends all other sessions, whether the client asked for it or not. */
async function endOtherSessions(ctx: HookContext) {
  return { context: { body: { ...asRecord(ctx.body), revokeOtherSessions: true } } };
}

/** The library checks the length at sign-up and change, not where an admin makes an account. */
async function checkPassword(ctx: HookContext): Promise<void> {
  const password = textOf(ctx.body, 'password');
  if (password !== null && password.length < PASSWORD_CHARS_MIN) {
    throw new APIError('BAD_REQUEST', { code: 'PASSWORD_TOO_SHORT', message: 'Password too short' });
  }
}

/**
 * The library's body shows the bare session token, which is not taken as a credential here: a copied database must not
 * be enough to sign in. The body shows the signed one instead, the same as in the header.
 */
function withSignedToken(ctx: HookContext) {
  const { returned } = ctx.context;
  const body = asRecord(returned);
  if (typeof body.token !== 'string') return undefined;
  return ctx.json({ ...body, token: ctx.context.responseHeaders?.get('set-auth-token') ?? null });
}

async function tell(ctx: HookContext, events: AuthEvents): Promise<void> {
  const rule = AUTH_EVENTS[ctx.path];
  if (rule === undefined) return;
  const { returned } = ctx.context;
  const person = ctx.context.newSession?.user ?? ctx.context.session?.user ?? null;
  const refusal = isAPIError(returned) ? returned : null;
  const isSignIn = ctx.path === '/sign-in/email';
  if (refusal !== null) {
    // Bad input is no event, and nobody's refusals would let a stranger fill the log for free.
    const forbidden = refusal.statusCode === 401 || refusal.statusCode === 403;
    if (!forbidden && refusal.body?.code !== WRONG_PASSWORD_CODE) return;
    if (person === null && !isSignIn) return;
  }
  const made = asRecord(asRecord(returned).user);
  const named = textOf(ctx.body, 'userId') ?? textOf(made, 'id');
  const role = textOf(ctx.body, 'role');
  await events.write({
    action: refusal === null ? rule.action : rule.refusedAction,
    userId: person?.id ?? null,
    userEmail: person?.email ?? (isSignIn ? textOf(ctx.body, 'email') : null),
    ipAddress: ctx.headers?.get(CLIENT_ADDRESS_HEADER) ?? null,
    userAgent: ctx.headers?.get('user-agent') ?? null,
    targetUserId: rule.about === 'self' ? (person?.id ?? null) : named,
    details: rule.about === 'named' && role !== null ? { role } : null,
    refusedCode: refusal === null ? null : (refusal.body?.code ?? String(refusal.status)),
    durationMs: events.durationMs(ctx.request),
  });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown, key: string): string | null {
  const found = asRecord(value)[key];
  return typeof found === 'string' ? found : null;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
