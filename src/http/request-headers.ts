/**
 * The two headers that change how a command is taken: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) and
 * Prefer: wait (RFC 7240). Pure.
 */

const WAIT_MAX_S = 60;

export type IdempotencyKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'invalid' };

/** Takes the draft's quoted string and the bare token that most clients send; `"a"` and `a` are the same key. */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): IdempotencyKey {
  if (header === undefined) return { kind: 'none' };
  if (typeof header !== 'string') return { kind: 'invalid' };
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(header)?.[1];
  const key = quoted?.replace(/\\(.)/g, '$1') ?? (/^[\x21\x23-\x7e]+$/.test(header) ? header : '');
  return key.length >= 1 && key.length <= 128 ? { kind: 'key', key } : { kind: 'invalid' };
}

/**
 * The seconds that the caller would wait for the outcome, at most 60; null when it does not ask for that. A
 * preference that cannot be read is left alone, as RFC 7240 wants it; the answer then has no Preference-Applied.
 */
export function parseWaitS(header: string | readonly string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : String(header ?? '');
  for (const preference of text.split(',')) {
    const match = /^\s*wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))\s*(?:;.*)?$/i.exec(preference);
    if (match !== null) return Math.min(Number(match[1] ?? match[2]), WAIT_MAX_S);
    // The first one counts, also when it cannot be read.
    if (/^\s*wait\s*(?:[=;]|$)/i.test(preference)) return null;
  }
  return null;
}
