/**
 * The project's own files as data, for the rules: a rule is a pure function from files to findings, so that each can
 * be shown a broken example as well as the real tree.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** One text file; `path` is relative to the top of the project, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule says: empty when all is well, else one line for each breach, beginning with the path. */
export type Rule = (files: readonly SourceFile[]) => readonly string[];

/** The top of the project. */
export const ROOT = join(import.meta.dirname, '..', '..');

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', 'var', '.git']);
const BINARY = /\.(?:png|ico|db|sqlite3?|log)$|-(?:wal|shm)$/;

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(path);
    return entry.isFile() && !BINARY.test(entry.name) ? [path] : [];
  });
}

let loaded: readonly SourceFile[] | undefined;

/** Every text file of the project, read once. */
export function projectFiles(): readonly SourceFile[] {
  loaded ??= walk(ROOT).map((path) => ({
    path: relative(ROOT, path).split(sep).join('/'),
    text: readFileSync(path, 'utf8'),
  }));
  return loaded;
}

/** The TypeScript of the project. */
export function projectCode(): readonly SourceFile[] {
  return projectFiles().filter(({ path }) => path.endsWith('.ts'));
}

/** One file of the project by its path; the test fails where it is missing. */
export function projectFile(path: string): SourceFile {
  const file = projectFiles().find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is missing`);
  return file;
}
