/** A secret that the process makes for itself once and keeps, readable by nobody else. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const SECRET_BYTES = 48;
const SECRET_CHARACTERS_MIN = 32;

/**
 * Reads the secret in `path`, or makes one there with mode 0600. Throws Node's error when the file can be neither read
 * nor made, and an Error with a sentence when what stands there is too short to be one.
 */
export function readOrMakeSecret(path: string): string {
  try {
    // "wx": of two processes that start at once, one makes the file and the other reads it.
    writeFileSync(path, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = readFileSync(path, 'utf8').trim();
  if (secret.length < SECRET_CHARACTERS_MIN) {
    throw new Error(
      `${path} holds no secret of ${SECRET_CHARACTERS_MIN} characters; remove it and a new one is made`,
    );
  }
  return secret;
}
