/** The import table of the house, held against the source, and shown to catch what it forbids. */
import { describe, expect, it } from 'vitest';
import { importCycles, importEndings, importTable } from './import-table.ts';
import { projectCode } from './tree.ts';

const broken = (path: string, text: string) => [{ path, text }];

describe('the source', () => {
  it('keeps the import table', () => expect(importTable(projectCode())).toEqual([]));
  it('imports with the ending of the file', () => expect(importEndings(projectCode())).toEqual([]));
  it('has no circle of imports', () => expect(importCycles(projectCode())).toEqual([]));
});

describe('the import table catches', () => {
  it.each([
    ['src/domain/x.ts', `import { readFileSync } from 'node:fs';`],
    ['src/domain/x.ts', `import type { Stats } from 'node:fs';`],
    ['src/domain/x.ts', `export { y } from '../link/y.ts';`],
    ['src/domain/x.ts', `export * from '../link/y.ts';`],
    ['src/domain/x.ts', `const y = await import('../link/y.ts');`],
    ['src/domain/x.ts', `type Y = import('../link/y.ts').Y;`],
    ['src/http/claws.ts', `import { SerialLink } from '../link/serial-link.ts';`],
    ['src/http/claws.ts', `import type { Claws } from '../control/command-service.ts';`],
    ['src/http/claws.ts', `import Database from 'better-sqlite3';`],
    ['src/control/x.ts', `import { append } from '../audit/audit-log.ts';`],
    ['src/storage/worker.ts', `import type { AuditRow } from '../domain/audit-event.ts';`],
    ['src/audit/x.ts', `import { run } from '../storage/worker.ts';`],
    ['src/ops/x.ts', `new Worker(new URL('../storage/worker.ts', import.meta.url));`],
    ['src/compose.ts', `import { step } from '../firmware-protocol/simulator/machine.ts';`],
    ['src/main.ts', `import { demo } from '../scripts/demo.ts';`],
    ['src/link/x.ts', `import { fakePort } from '../../test/support/port.ts';`],
    ['firmware-protocol/codec.ts', `import { crc32 } from 'node:zlib';`],
    ['firmware-protocol/codec.ts', `import { step } from './simulator/machine.ts';`],
    ['firmware-protocol/simulator/machine.ts', `import type { Clock } from '../../src/domain/ports.ts';`],
    ['src/games/x.ts', `export const y = 1;`],
  ])('%s: %j', (path, text) => expect(importTable(broken(path, text))).toHaveLength(1));
});

describe('the import table allows', () => {
  it.each([
    ['src/link/x.ts', `import { encodeHost } from '../../firmware-protocol/codec.ts';`],
    ['src/audit/x.ts', `import type { StorageClient } from '../storage/client.ts';`],
    ['src/auth/x.ts', `import { admin } from 'better-auth/plugins';`],
    ['src/compose.ts', `import { SerialLink } from './link/serial-link.ts';`],
    ['firmware-protocol/crc.ts', `import { crc32 } from 'node:zlib';`],
    ['firmware-protocol/simulator/machine.ts', `import { decodeHost } from '../codec.ts';`],
    ['scripts/x.ts', `import { step } from '../firmware-protocol/simulator/machine.ts';`],
  ])('%s: %j', (path, text) => expect(importTable(broken(path, text))).toEqual([]));
});

describe('the other rules of imports catch', () => {
  it('a missing ending', () =>
    expect(importEndings(broken('src/link/x.ts', `import './y'; import './z.js';`))).toHaveLength(2));

  it('a circle, and see none where only types go round', () => {
    const circle = (word: string) => [
      { path: 'src/link/a.ts', text: `import { b } from './b.ts';` },
      { path: 'src/link/b.ts', text: `${word} { a } from './a.ts';` },
    ];
    expect(importCycles(circle('import'))).toHaveLength(1);
    expect(importCycles(circle('import type'))).toEqual([]);
  });
});
