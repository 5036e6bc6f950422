/** The kept secret: made once, for its owner alone; a file that holds none is refused. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readOrMakeSecret } from '../../src/ops/secret-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claw-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('makes a secret once, for its owner alone, and keeps it', () => {
  const path = join(folder, 'secret');
  const secret = readOrMakeSecret(path);
  expect(secret.length).toBeGreaterThanOrEqual(64);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readOrMakeSecret(path)).toBe(secret);
  expect(readFileSync(path, 'utf8').trim()).toBe(secret);
});

it('refuses a file that holds no secret, and says what to do', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'short');
  expect(() => readOrMakeSecret(path)).toThrow(/remove it and a new one is made/);
});

it('passes on why a file cannot be made', () => {
  expect(() => readOrMakeSecret(join(folder, 'missing', 'secret'))).toThrow(/ENOENT/);
});
