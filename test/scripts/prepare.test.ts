/**
 * scripts/prepare.sh, run by bash on machines made of stand-ins: a folder of tiny programs is all of PATH, and each
 * writes down how it was called.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PREPARE = join(import.meta.dirname, '..', '..', 'scripts', 'prepare.sh');
let machine: string;

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'claw-machine-'));
  for (const program of ['bash', 'env']) symlinkSync(`/usr/bin/${program}`, join(machine, program));
});
afterEach(() => rmSync(machine, { recursive: true }));

function program(name: string, body: string): void {
  const file = join(machine, name);
  writeFileSync(file, `#!/usr/bin/bash\necho "${name} $*" >> "${machine}/calls"\n${body}\n`);
  chmodSync(file, 0o755);
}

function run(step: string): {
  readonly status: number | null;
  readonly says: string;
  readonly calls: string[];
} {
  const script = `set -euo pipefail; source ${PREPARE}; ${step}`;
  const { status, stderr } = spawnSync('/usr/bin/bash', ['--norc', '-c', script], {
    cwd: machine,
    env: { PATH: machine },
    encoding: 'utf8',
  });
  let calls = '';
  try {
    calls = readFileSync(join(machine, 'calls'), 'utf8');
  } catch {
    // Nothing was called.
  }
  return { status, says: stderr, calls: calls.split('\n').filter((line) => line.startsWith('apt-get')) };
}

const INSTALL = 'install_system_programs prober:prober-package bash:bash';

it('installs nothing that is there', () => {
  program('prober', '');
  expect(run(INSTALL)).toEqual({ status: 0, says: '', calls: [] });
});

it('installs what is missing, as root', () => {
  program('id', 'echo 0');
  program('apt-get', '');
  const { status, calls } = run(INSTALL);
  expect(status).toBe(0);
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatch(/ install .* prober-package$/);
});

it('fetches the package lists when the first try fails', () => {
  program('id', 'echo 0');
  program('apt-get', `[[ "$*" == *update* ]] && : > "${machine}/updated"; [ -e "${machine}/updated" ]`);
  const { status, calls } = run(INSTALL);
  expect(status).toBe(0);
  expect(calls.map((call) => /install|update/.exec(call)?.[0])).toEqual(['install', 'update', 'install']);
});

it('goes through sudo where that asks nothing', () => {
  program('id', 'echo 1000');
  program('sudo', 'shift; exec "$@"');
  program('true', '');
  program('apt-get', '');
  expect(run(INSTALL)).toMatchObject({ status: 0, calls: [expect.stringContaining('prober-package')] });
});

it.each([
  ['there is no way to root', ['id', 'apt-get'], /please run: sudo apt-get install prober-package/],
  ['there is no apt-get', ['id'], /please install prober-package with/],
])('says what to do when %s', (_case, programs, sentence) => {
  for (const name of programs) program(name, name === 'id' ? 'echo 1000' : '');
  expect(run(INSTALL)).toMatchObject({ status: 1, says: expect.stringMatching(sentence), calls: [] });
});

it('says when apt-get cannot', () => {
  program('id', 'echo 0');
  program('apt-get', '[[ "$*" == *update* ]] || { echo "E: no such package" >&2; exit 100; }');
  const { status, says } = run(INSTALL);
  expect(status).toBe(1);
  expect(says).toContain('E: no such package');
  expect(says).toContain('could not install prober-package');
});

it.each([
  ['no Node', '', /install Node\.js 18 or newer/],
  ['a Node that is too old', 'echo 16', /Node\.js 16 is too old/],
])('refuses %s', (_case, body, sentence) => {
  if (body !== '') {
    program('node', body);
    program('npm', '');
  }
  expect(run('need_npm')).toMatchObject({ status: 1, says: expect.stringMatching(sentence) });
});
