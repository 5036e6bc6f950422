/**
 * The first admin. There is no default account and no default password: whoever can read what the gateway printed at
 * its start, the one-time code, may make the first admin, once. Whether there is one is asked of the database inside
 * the very transaction that makes it, so two claims at once make one admin.
 */
import { randomUUID } from 'node:crypto';
import type { Actor } from '../domain/audit-event.ts';
import type { AuditLog, ClaimResult, Clock, Log, Principal, Setup } from '../domain/ports.ts';
import { type SqlStatement, type StorageClient, StorageError } from '../storage/client.ts';
import {
  HasherOverloaded,
  PASSWORD_CHARS_MAX,
  PASSWORD_CHARS_MIN,
  type PasswordHasher,
} from './password-hasher.ts';
import { digestOfCode, makeSetupCode, sameCode, WrongTries } from './setup-code.ts';

const EMAIL_CHARS_MAX = 254;
const NAME_CHARS_MAX = 100;
/** No looser than the account library's own check, or the admin could never sign in. */
const EMAIL = /^(?!\.)(?!.*\.\.)[a-z0-9_'+\-.]*[a-z0-9_+-]@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/;
const ADMIN_EXISTS = `SELECT 1 FROM user WHERE role = 'admin'`;

type Claim = Parameters<Setup['claim']>[0];
type Refusal = Extract<ClaimResult, { kind: 'refused' }>['code'];

export interface FirstAdminSetupOptions {
  readonly storage: StorageClient;
  readonly hasher: PasswordHasher;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
  readonly log: Log;
}

/** The domain's Setup. */
export class FirstAdminSetup implements Setup {
  readonly #options: FirstAdminSetupOptions;
  readonly #wrongTries: WrongTries;
  #codeDigest: Buffer | null = null;

  constructor(options: FirstAdminSetupOptions) {
    this.#options = options;
    this.#wrongTries = new WrongTries(() => options.clock.monotonicMs());
  }

  /**
   * Called once at the start. The answer is the code to print, or null when there is an admin. Rejects with
   * StorageError when the database cannot be asked.
   */
  async prepare(): Promise<string | null> {
    if (await this.#adminExists()) return null;
    const code = makeSetupCode();
    this.#codeDigest = digestOfCode(code);
    return code;
  }

  /** Where the database or the hasher cannot be had, the answer says so and nothing was made. */
  async claim(claim: Claim): Promise<ClaimResult> {
    const startedMs = this.#options.clock.monotonicMs();
    if (this.#codeDigest === null) return { kind: 'refused', code: 'already_claimed' };
    // Counted and compared without a pause between: many at once are no more tries than one after the other.
    const address = claim.actor.ipAddress ?? '';
    if (this.#wrongTries.locked(address)) return { kind: 'refused', code: 'too_many_tries' };
    if (!sameCode(this.#codeDigest, claim.code)) {
      this.#wrongTries.add(address);
      await this.#tell(claim.actor, null, 'setup_code_wrong', startedMs);
      return { kind: 'refused', code: 'setup_code_wrong' };
    }
    const message = whatIsInvalid(claim);
    if (message !== null) return { kind: 'invalid', message };
    const principal: Principal = {
      userId: randomUUID(),
      email: claim.email.toLowerCase(),
      name: claim.name.trim(),
      role: 'admin',
    };
    const refused = await this.#make(principal, claim.password);
    if (refused !== null) {
      await this.#tell(claim.actor, null, refused, startedMs);
      return { kind: 'refused', code: refused };
    }
    this.#codeDigest = null;
    await this.#tell(claim.actor, principal, null, startedMs);
    return { kind: 'claimed', principal };
  }

  async #adminExists(): Promise<boolean> {
    const { rows } = await this.#options.storage.sql(`${ADMIN_EXISTS} LIMIT 1`, [], 'get');
    return rows !== undefined;
  }

  /** Null when the account was made. */
  async #make(admin: Principal, password: string): Promise<Refusal | null> {
    const { hasher, storage, clock } = this.#options;
    try {
      const passwordHash = await hasher.hash(password);
      await storage.transact(adminStatements(admin, passwordHash, clock.wallMs()));
      return null;
    } catch (error) {
      if (error instanceof HasherOverloaded) return 'overloaded';
      if (!(error instanceof StorageError)) throw error;
      if (error.code !== 'constraint') return 'storage_unavailable';
      return (await this.#adminExists()) ? 'already_claimed' : 'account_exists';
    }
  }

  async #tell(
    actor: Actor,
    made: Principal | null,
    refused: string | null,
    startedMs: number,
  ): Promise<void> {
    const result = await this.#options.audit.append({
      ...actor,
      userId: made?.userId ?? actor.userId,
      userEmail: made?.email ?? actor.userEmail,
      phase: 'event',
      action: made === null ? 'SETUP_FAILED' : 'SETUP_CLAIMED',
      commandId: null,
      resourceType: made === null ? null : 'user',
      resourceId: made?.userId ?? null,
      details: null,
      status: made === null ? 'failure' : 'success',
      errorMessage: refused,
      durationMs: this.#options.clock.monotonicMs() - startedMs,
      idempotency: null,
      simulated: null,
    });
    if (result.kind === 'unavailable') {
      this.#options.log.error({ reason: result.reason }, 'A claim is not in the audit log.');
    }
  }
}

function whatIsInvalid({ email, password, name }: Claim): string | null {
  if (email.length > EMAIL_CHARS_MAX || !EMAIL.test(email.toLowerCase()))
    return 'The e-mail address is not valid.';
  if (password.length < PASSWORD_CHARS_MIN || password.length > PASSWORD_CHARS_MAX) {
    return `The password must have ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters.`;
  }
  const plain = name.trim();
  if (plain === '' || plain.length > NAME_CHARS_MAX)
    return `The name must have 1 to ${NAME_CHARS_MAX} characters.`;
  return null;
}

/** The two rows that the account library would write, and the condition that makes them the first. */
function adminStatements(admin: Principal, passwordHash: string, wallMs: number): readonly SqlStatement[] {
  const { userId, email, name, role } = admin;
  return [
    {
      sql: `INSERT INTO user (id, name, email, email_verified, role, banned, created_at, updated_at)
        SELECT ?, ?, ?, 0, ?, 0, ?, ? WHERE NOT EXISTS (${ADMIN_EXISTS})`,
      params: [userId, name, email, role, wallMs, wallMs],
      method: 'run',
      changesExpected: 1,
    },
    {
      sql: `INSERT INTO account (id, account_id, provider_id, user_id, password, created_at, updated_at)
        VALUES (?, ?, 'credential', ?, ?, ?, ?)`,
      params: [randomUUID(), userId, userId, passwordHash, wallMs, wallMs],
      method: 'run',
      changesExpected: 1,
    },
  ];
}
