/** The closing line of a run, which programs read: it counts what vitest counts, a file that cannot be loaded too. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closingLine } from './closing-line.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let folder: string;

beforeAll(() => {
  // Inside the project, so that the small runs below find vitest.
  mkdirSync(join(ROOT, 'var'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'var', 'closing-line-'));
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {};\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs vitest on files of these texts; the answer is the exit code and the last line that it printed. */
function run(texts: readonly string[]): {
  readonly status: number | null;
  readonly last: string | undefined;
} {
  const tests = join(folder, 'test');
  rmSync(tests, { recursive: true, force: true });
  mkdirSync(tests);
  for (const [index, text] of texts.entries()) {
    writeFileSync(join(tests, `${index}.test.ts`), `import { expect, it } from 'vitest';\n${text}`);
  }
  const reporter = join(import.meta.dirname, 'closing-line.ts');
  const args = ['run', '--root', folder, '--reporter=default', `--reporter=${reporter}`];
  const { status, stdout } = spawnSync('vitest', args, { encoding: 'utf8' });
  return { status, last: stdout.trimEnd().split('\n').at(-1) };
}

const GOOD = "it('a', () => {}); it('b', () => expect(1).toBe(1));";

it('writes the plain form', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});

it('closes a good run', () => expect(run([GOOD])).toEqual({ status: 0, last: '2 passed, 0 failed' }));

it('counts failures, and a file that cannot be loaded', () => {
  const bad = "it('c', () => expect(1).toBe(2));";
  expect(run([GOOD, bad, "throw new Error('not loaded');"])).toEqual({
    status: 1,
    last: '2 passed, 2 failed',
  });
});

it('counts an error outside of any test', () => {
  const stray = "it('d', () => void Promise.reject(new Error('stray')));";
  expect(run([GOOD, stray])).toEqual({ status: 1, last: '3 passed, 1 failed' });
});
