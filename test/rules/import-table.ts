/**
 * Who may import whom. The table is the architecture: data goes from http to control to the link, an adapter knows the
 * domain and its own library, and only compose.ts knows everyone.
 */
import { posix } from 'node:path';
import { importsOf } from './syntax.ts';
import type { Rule, SourceFile } from './tree.ts';

interface Room {
  /** Rooms, or single files, that may be imported besides the room itself. `*` is all of src and the protocol. */
  readonly ours: readonly string[];
  /** Packages and node: modules; `node:*` is every module of Node. */
  readonly libraries: readonly string[];
}

const STORAGE_DOOR = ['src/storage/client.ts', 'src/storage/messages.ts', 'src/storage/schema.ts'];

/** What each room may import. A room that is missing here may import nothing, so a new one has to be entered. */
export const ROOMS: Readonly<Record<string, Room>> = {
  'firmware-protocol': { ours: [], libraries: [] },
  'firmware-protocol/simulator': { ours: ['firmware-protocol'], libraries: [] },
  'src/domain': { ours: [], libraries: [] },
  'src/link': {
    ours: ['src/domain', 'firmware-protocol'],
    libraries: ['serialport', '@serialport/stream', '@serialport/parser-readline', 'node:*'],
  },
  'src/control': { ours: ['src/domain'], libraries: ['node:crypto'] },
  'src/http': { ours: ['src/domain'], libraries: ['express', 'helmet', 'zod', 'node:*'] },
  'src/auth': {
    ours: ['src/domain', ...STORAGE_DOOR],
    libraries: ['better-auth', '@node-rs/argon2', 'drizzle-orm', 'node:*'],
  },
  'src/audit': { ours: ['src/domain', ...STORAGE_DOOR], libraries: ['node:*'] },
  'src/limits': { ours: ['src/domain'], libraries: ['node:*'] },
  'src/mirrors': { ours: ['src/domain'], libraries: ['node:*'] },
  'src/ops': { ours: ['src/domain'], libraries: ['pino', 'prom-client', 'node:*'] },
  'src/storage': { ours: [], libraries: ['better-sqlite3', 'drizzle-orm', 'node:*'] },
  'src/cli': { ours: ['*'], libraries: ['node:*'] },
  'src/config.ts': { ours: ['src/domain'], libraries: ['zod', 'node:*'] },
  'src/compose.ts': { ours: ['*'], libraries: ['serialport', 'node:*'] },
  'src/main.ts': { ours: ['*'], libraries: ['node:*'] },
};

/** Single files that may import what their room may not. */
const FILE_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'firmware-protocol/crc.ts': ['node:zlib'],
};

/** The room of a file of the product; undefined for scripts, tests and settings, which may import anything. */
export function roomOf(path: string): string | undefined {
  const [top, second, ...deeper] = path.split('/');
  if (top === 'firmware-protocol') {
    return second === 'simulator' && deeper.length > 0 ? 'firmware-protocol/simulator' : top;
  }
  return top === 'src' ? `src/${second}` : undefined;
}

/** The path of what a relative import names, or undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

function mayUseLibrary(path: string, room: Room, specifier: string): boolean {
  const name = packageOf(specifier);
  const allowed = [...room.libraries, ...(FILE_LIBRARIES[path] ?? [])];
  return allowed.includes(name) || (name.startsWith('node:') && allowed.includes('node:*'));
}

function mayImportOurs(from: string, room: Room, target: string): boolean {
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return false;
  if (targetRoom === from || room.ours.includes(targetRoom) || room.ours.includes(target)) return true;
  return room.ours.includes('*') && targetRoom !== 'firmware-protocol/simulator';
}

function breaches(file: SourceFile): readonly string[] {
  const name = roomOf(file.path);
  if (name === undefined) return [];
  const room = ROOMS[name];
  if (room === undefined) return [`${file.path}: ${name} is not in the import table`];
  return importsOf(file).flatMap(({ specifier }) => {
    const target = resolveImport(file.path, specifier);
    const allowed =
      target === undefined ? mayUseLibrary(file.path, room, specifier) : mayImportOurs(name, room, target);
    return allowed ? [] : [`${file.path}: ${name} may not import ${target ?? specifier}`];
  });
}

/** The import table, held against every import of every kind. */
export const importTable: Rule = (files) => files.flatMap(breaches);

/** A relative import names a file that exists, with its ending, so that Node can run it as it stands. */
export const importEndings: Rule = (files) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith('.') && !/\.(?:ts|json)$/.test(specifier))
      .map(({ specifier }) => `${file.path}: ${specifier} must end in .ts`),
  );

/** No file needs itself, through others, to be loaded first. */
export const importCycles: Rule = (files) => {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ typeOnly }) => !typeOnly)
        .flatMap(({ specifier }) => resolveImport(file.path, specifier) ?? []),
    ]),
  );
  const settled = new Set<string>();
  const found: string[] = [];
  const go = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push(`${path}: imports itself through ${[...trail.slice(at), path].join(' → ')}`);
    if (at >= 0 || settled.has(path)) return;
    for (const next of edges.get(path) ?? []) go(next, [...trail, path]);
    settled.add(path);
  };
  for (const path of edges.keys()) go(path, []);
  return found;
};
