/**
 * The README is true: its tour names files that exist, its tables hold what package.json and the configuration hold.
 * A rule reads the README as a person does, by heading and by table.
 */
import { posix } from 'node:path';
import type { Rule, SourceFile } from './tree.ts';

const README = 'README.md';

/** The text below a heading, up to the next heading of the same or a higher level; empty where there is none. */
export function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '').trim() === heading);
  if (first < 0) return '';
  const level = /^#+/.exec(lines[first] ?? '')?.[0].length ?? 1;
  const rest = lines.slice(first + 1);
  const next = rest.findIndex((line) => (/^#+(?= )/.exec(line)?.[0].length ?? level + 1) <= level);
  return (next < 0 ? rest : rest.slice(0, next)).join('\n');
}

/** The cells of each row of the tables in a text, without the head. */
export function tableRows(text: string): readonly (readonly string[])[] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const isRule = (line: string) => /^\|[\s:|-]+$/.test(line);
  return rows
    .filter((line, index) => !isRule(line) && !isRule(rows[index + 1] ?? ''))
    .map((line) =>
      line
        .replace(/^\|\s*|\s*\|$/g, '')
        .split(/\s*(?<!\\)\|\s*/)
        .map((cell) => cell.trim()),
    );
}

const readme = (files: readonly SourceFile[]): string =>
  files.find(({ path }) => path === README)?.text ?? '';
const plain = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');

function difference(where: string, wanted: readonly string[], told: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((one) => !told.includes(one)).map((one) => `${README}: ${where} lacks ${one}`),
    ...told
      .filter((one) => !wanted.includes(one))
      .map((one) => `${README}: ${where} has ${one}, which is not so`),
    ...told
      .filter((one, index) => told.indexOf(one) !== index)
      .map((one) => `${README}: ${where} has ${one} twice`),
  ];
}

/** Every file that the tour names exists, and it names enough of them to be one. */
export const truthfulTour: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const text = section(readme(files), 'Follow one press of the button');
  const named = [...text.matchAll(/`([\w./-]+\/[\w.-]+\.\w+)`/g)].map(([, path = '']) =>
    posix.normalize(path),
  );
  const missing = named
    .filter((path) => !paths.has(path))
    .map((path) => `${README}: the tour names ${path}, which is not there`);
  return named.length < 8 ? [...missing, `${README}: the tour names ${named.length} files`] : missing;
};

/** Every link to a file of the project leads somewhere, in each Markdown file. */
export const liveLinks: Rule = (files) => {
  const paths = files.map(({ path }) => path);
  const exists = (target: string) =>
    paths.includes(target) || paths.some((path) => path.startsWith(`${target.replace(/\/$/, '')}/`));
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)]
        .map(([, link = '']) => posix.join(posix.dirname(path), link))
        .filter((target) => !exists(target))
        .map((target) => `${path}: links to ${target}, which is not there`),
    );
};

/** The table of dependencies is that of package.json, each with a reason. */
export const truthfulDependencies: Rule = (files) => {
  const manifest = files.find(({ path }) => path === 'package.json')?.text ?? '{}';
  const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest) as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  const rows = tableRows(section(readme(files), 'Dependencies'));
  const told = rows.map(([name]) => plain(name));
  const wanted = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  return [
    ...difference('the table of dependencies', wanted, told),
    ...rows
      .filter((cells) => cells.slice(1).join(' ').length < 20)
      .map(([name]) => `${README}: ${plain(name)} has no reason`),
  ];
};

export interface Variable {
  readonly name: string;
  readonly default: string;
  readonly meaning: string;
}

/** The table of variables is the one that the configuration declares, word for word; an empty default is a dash. */
export function truthfulConfiguration(variables: readonly Variable[]): Rule {
  const wanted = variables.map(
    (one) => `${one.name} (${one.default === '' ? '–' : one.default}): ${plain(one.meaning)}`,
  );
  return (files) => {
    const rows = tableRows(section(readme(files), 'Configuration'));
    const told = rows.map(([name, value, meaning]) => `${plain(name)} (${plain(value)}): ${plain(meaning)}`);
    return difference('the table of variables', wanted, told);
  };
}
