/**
 * Purity and single owners: which files may know of time, chance and the outside world, and which one file may touch
 * the environment and end the process.
 */
import { resolveImport } from './import-table.ts';
import { globalUsesOf, importsOf } from './syntax.ts';
import type { Rule, SourceFile } from './tree.ts';

const PURE = /^(?:src\/domain\/|firmware-protocol\/|src\/link\/exchange\.ts$|src\/limits\/window\.ts$)/;

/** Globals that bring in time, chance or the outside; `Math.random` names one member, the others all of them. */
const IMPURE = new Set([
  'Date',
  'performance',
  'Math.random',
  'Temporal',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
  'console',
  'fetch',
  'crypto',
  'globalThis',
  'global',
  'require',
  'eval',
  'Worker',
  'WebSocket',
]);

const isPure = (path: string): boolean => PURE.test(path);
const isImpure = (name: string): boolean => IMPURE.has(name) || IMPURE.has(name.split('.')[0] ?? '');

function impureImports(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap(({ specifier, typeOnly }) => {
    const target = resolveImport(file.path, specifier);
    const allowed =
      target === undefined
        ? file.path === 'firmware-protocol/crc.ts' && specifier === 'node:zlib'
        : typeOnly || isPure(target);
    return allowed ? [] : [`${file.path}: is pure and may not load ${specifier}`];
  });
}

/** Pure files use no clock, timer, chance, process or I/O, and load only pure files. */
export const purity: Rule = (files) =>
  files
    .filter(({ path }) => isPure(path))
    .flatMap((file) => [
      ...impureImports(file),
      ...globalUsesOf(file)
        .filter(({ name }) => isImpure(name))
        .map(({ name, line }) => `${file.path}:${line}: is pure and may not use ${name}`),
    ]);

const EXITS = new Set([
  'process.exit',
  'process.exitCode',
  'process.abort',
  'process.kill',
  'process.reallyExit',
]);
const mayExit = (path: string): boolean => path === 'src/main.ts' || path.startsWith('src/cli/');

/** process.env is read by config.ts alone; only main.ts and the command line end the process. */
export const owners: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap((file) => [
      ...importsOf(file)
        .filter(({ specifier }) => /^(?:node:)?process$/.test(specifier))
        .map(() => `${file.path}: uses the global process, so that its use is seen`),
      ...globalUsesOf(file).flatMap(({ name, line }) => {
        const where = `${file.path}:${line}`;
        if (name === 'process.env' && file.path !== 'src/config.ts')
          return [`${where}: only config.ts reads process.env`];
        if (name === 'process' && !mayExit(file.path))
          return [`${where}: name the member of process that is used`];
        return EXITS.has(name) && !mayExit(file.path)
          ? [`${where}: only main.ts ends the process (${name})`]
          : [];
      }),
    ]);
