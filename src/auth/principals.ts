/**
 * Who is asking, answered for every request. The account library's look-up costs close to a millisecond of CPU, so what
 * it said is kept for a few seconds; the keeper is told (`clear`) by whatever may have changed a session or a role.
 */
import { createHash } from 'node:crypto';
import type { Clock, IncomingHeaders, Log, Principal, Principals } from '../domain/ports.ts';
import { isRole } from '../domain/roles.ts';
import type { SessionFacts } from './accounts.ts';

const ENTRIES_MAX = 256;
const LIFE_MS = 5000;
/** So long a stop waits for the database to say who asks. */
const STOP_PATIENCE_MS = 25;
/** Look-ups under way for different credentials; more are answered `unavailable` rather than piled up. */
const LOOKUPS_MAX = 256;

export interface CachedPrincipalsOptions {
  /** Whose session the headers carry; rejects when nobody can say. */
  readonly findSession: (headers: Headers) => Promise<SessionFacts | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly entriesMax?: number;
  readonly lifeMs?: number;
}

interface Entry {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** The domain's Principals over the account library, with a small memory. */
export class CachedPrincipals implements Principals {
  readonly #findSession: CachedPrincipalsOptions['findSession'];
  readonly #clock: CachedPrincipalsOptions['clock'];
  readonly #log: Log;
  readonly #entriesMax: number;
  readonly #lifeMs: number;
  readonly #entries = new Map<string, Entry>();
  /** Who each credential stood for last; kept until a look-up says otherwise, and asked for stops alone. */
  readonly #lastKnown = new Map<string, Principal>();
  readonly #lookups = new Map<string, Promise<Principal | null | 'unavailable'>>();
  #generation = 0;

  constructor(options: CachedPrincipalsOptions) {
    this.#findSession = options.findSession;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#entriesMax = options.entriesMax ?? ENTRIES_MAX;
    this.#lifeMs = options.lifeMs ?? LIFE_MS;
  }

  /** Never rejects. */
  identify(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'> {
    const credentials = credentialHeaders(headers);
    if (credentials === null) return Promise.resolve(null);
    const key = keyOf(credentials);
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.untilMs > this.#clock.monotonicMs()) {
      return Promise.resolve(entry.principal);
    }
    const running = this.#lookups.get(key);
    if (running !== undefined) return running;
    if (this.#lookups.size >= LOOKUPS_MAX) return Promise.resolve('unavailable');
    const lookup = this.#lookUp(key, credentials);
    this.#lookups.set(key, lookup);
    void lookup.then(() => {
      // After a clear another look-up may stand here, which knows more than this one.
      if (this.#lookups.get(key) === lookup) this.#lookups.delete(key);
    });
    return lookup;
  }

  /** Never rejects. */
  identifyForStop(headers: IncomingHeaders): Promise<Principal | null | 'unavailable'> {
    const asked = this.identify(headers);
    const credentials = credentialHeaders(headers);
    const known = credentials === null ? undefined : this.#lastKnown.get(keyOf(credentials));
    if (known === undefined) return asked;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(STOP_PATIENCE_MS, () => resolve(known));
      void asked.then((found) => {
        cancel();
        resolve(found === 'unavailable' ? known : found);
      });
    });
  }

  /** Forgets everybody. A look-up that runs already is answered to those who wait for it, and to nobody after. */
  clear(): void {
    this.#generation += 1;
    this.#entries.clear();
    this.#lookups.clear();
  }

  async #lookUp(key: string, credentials: Headers): Promise<Principal | null | 'unavailable'> {
    const generation = this.#generation;
    let facts: SessionFacts | null;
    try {
      facts = await this.#findSession(credentials);
    } catch (error) {
      // Only the name: messages of failed queries hold tokens.
      const name = error instanceof Error ? error.name : 'unknown';
      this.#log.warn({ error: name }, 'Sessions cannot be looked up.');
      return 'unavailable';
    }
    if (facts === null || facts.banned || !isRole(facts.role)) {
      this.#lastKnown.delete(key);
      return null;
    }
    const { userId, email, name, role } = facts;
    const principal: Principal = { userId, email, name, role };
    remember(this.#lastKnown, key, principal, this.#entriesMax);
    const leftMs = Math.min(this.#lifeMs, facts.expiresAtWallMs - this.#clock.wallMs());
    if (generation === this.#generation && leftMs > 0) this.#keep(key, principal, leftMs);
    return principal;
  }

  #keep(key: string, principal: Principal, lifeMs: number): void {
    const untilMs = this.#clock.monotonicMs() + lifeMs;
    remember(this.#entries, key, { principal, untilMs }, this.#entriesMax);
  }
}

/** Sets an entry as the newest; the oldest goes when there are too many. */
function remember<T>(entries: Map<string, T>, key: string, value: T, entriesMax: number): void {
  entries.delete(key);
  const oldest = entries.keys().next().value;
  if (entries.size >= entriesMax && oldest !== undefined) entries.delete(oldest);
  entries.set(key, value);
}

/** Only what may hold a credential goes to the library; null when there is none. */
function credentialHeaders(headers: IncomingHeaders): Headers | null {
  const credentials = new Headers();
  for (const name of ['authorization', 'cookie'] as const) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') credentials.set(name, value);
  }
  return credentials.has('authorization') || credentials.has('cookie') ? credentials : null;
}

/** A digest, so that the memory of the process holds no list of credentials. */
function keyOf(credentials: Headers): string {
  const parts = [credentials.get('authorization') ?? '', credentials.get('cookie') ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
