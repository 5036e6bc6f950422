/** The log as another process reads it: one JSON object a line, levels by name, and no secret in it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const LOGGER = join(import.meta.dirname, '../../src/ops/logger.ts');

function logged(level: string): Record<string, unknown>[] {
  const program = `
    import { createLogger } from ${JSON.stringify(LOGGER)};
    const log = createLogger({ level: ${JSON.stringify(level)}, version: '1.2.3' });
    log.info({ claw: 'claw-1', password: 'hunter2', headers: { token: 'abc' } }, 'first');
    log.error({ err: new Error('broken') }, 'second\\nline');
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('says what happened and keeps what is secret', () => {
  const [first, second, ...more] = logged('info');
  expect(more).toEqual([]);
  expect(first).toMatchObject({ level: 'info', version: '1.2.3', claw: 'claw-1', msg: 'first' });
  expect(JSON.stringify(first)).not.toMatch(/hunter2|abc/);
  expect(second).toMatchObject({ level: 'error', msg: 'second\nline', err: { message: 'broken' } });
});

it('keeps quiet below its level', () => {
  expect(logged('error').map(({ msg }) => msg)).toEqual(['second\nline']);
  expect(logged('silent')).toEqual([]);
});
