/** A secret that the process makes for itself once and keeps, readable by nobody else. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const SECRET_BYTES = 48;
const SECRET_CHARACTERS_MIN = 32;

/**
 * The secret that stands in `path`; null when there is no such file yet. Throws Node's error when it cannot be read,
 * and an Error with a sentence when what stands there is too short to be one.
 */
export function readSecret(path: string): string | null {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  if (secret.length >= SECRET_CHARACTERS_MIN) return secret;
  throw new Error(
    `${path} holds no secret of ${SECRET_CHARACTERS_MIN} characters; remove it and a new one is made`,
  );
}

/** Makes a secret in `path` with mode 0600. Throws Node's error when the file cannot be made or is there already. */
export function makeSecret(path: string): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  return secret;
}
