/** The kept secret: made once, for its owner alone; a file that holds none is refused. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSecret, readSecret } from '../../src/ops/secret-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claw-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is made once, for its owner alone, and kept', () => {
  const path = join(folder, 'secret');
  expect(readSecret(path)).toBeNull();
  const secret = makeSecret(path);
  expect(secret.length).toBeGreaterThanOrEqual(64);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readSecret(path)).toBe(secret);
  expect(() => makeSecret(path)).toThrow(/EEXIST/);
  expect(readFileSync(path, 'utf8').trim()).toBe(secret);
});

it('is refused where the file holds none, and says what to do', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'short');
  expect(() => readSecret(path)).toThrow(/remove it and a new one is made/);
});

it('passes on why a file cannot be made or read', () => {
  expect(() => makeSecret(join(folder, 'missing', 'secret'))).toThrow(/ENOENT/);
  expect(() => readSecret(folder)).toThrow(/EISDIR/);
});
