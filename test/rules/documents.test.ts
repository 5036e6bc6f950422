/** The rules about the documents, held against them, and shown to catch what is not so. */
import { describe, expect, it } from 'vitest';
import { CONFIG_VARIABLES } from '../../src/config.ts';
import {
  liveLinks,
  section,
  tableRows,
  truthfulConfiguration,
  truthfulDependencies,
  truthfulTour,
} from './documents.ts';
import { projectFiles } from './tree.ts';

describe('the README', () => {
  it('leads through files that exist', () => expect(truthfulTour(projectFiles())).toEqual([]));
  it('has a reason for each dependency', () => expect(truthfulDependencies(projectFiles())).toEqual([]));
  it('tells each variable as the configuration does', () =>
    expect(truthfulConfiguration(CONFIG_VARIABLES)(projectFiles())).toEqual([]));
  it('links, as all documents do, to files that exist', () => expect(liveLinks(projectFiles())).toEqual([]));
});

describe('reading a document', () => {
  const text = '# A\n\n## B\nb\n### C\nc\n\n| x | y |\n|---|---|\n| 1 | `2 \\| 3` |\n## D\nd\n';
  it('finds a section with what is below it', () => {
    expect(section(text, 'B')).toContain('### C');
    expect(section(text, 'B')).not.toContain('D');
    expect(section(text, 'E')).toBe('');
  });
  it('finds the rows of a table', () => expect(tableRows(text)).toEqual([['1', '`2 \\| 3`']]));
});

const readme = (text: string) => ({ path: 'README.md', text });

describe('the rules of the README catch', () => {
  const files = Array.from({ length: 8 }, (_, index) => ({ path: `src/file-${index}.ts`, text: '' }));
  const tour = (paths: readonly string[]) =>
    readme(`## Follow one press of the button\n${paths.map((path) => `- \`${path}\``).join('\n')}\n`);
  const paths = files.map(({ path }) => path);

  it('a tour to a file that is gone, and a tour of nothing', () => {
    expect(truthfulTour([...files, tour(paths)])).toEqual([]);
    expect(truthfulTour([...files, tour([...paths, 'src/gone.ts'])])).toHaveLength(1);
    expect(truthfulTour(files)).toHaveLength(1);
  });

  it('a dependency that is missing, gone, or without a reason', () => {
    const manifest = {
      path: 'package.json',
      text: JSON.stringify({ dependencies: { a: '1' }, devDependencies: { b: '1' } }),
    };
    const table = (rows: string) =>
      truthfulDependencies([manifest, readme(`## Dependencies\n| name | why |\n|---|---|\n${rows}`)]);
    const reason = 'made for what we need it for';
    expect(table(`| \`a\` | ${reason} |\n| b | ${reason} |`)).toEqual([]);
    expect(table(`| \`a\` | ${reason} |`)).toHaveLength(1);
    expect(table(`| a | ${reason} |\n| b | ${reason} |\n| c | ${reason} |`)).toHaveLength(1);
    expect(table(`| a | ${reason} |\n| b | |`)).toHaveLength(1);
  });

  it('a variable with another default or meaning', () => {
    const rule = truthfulConfiguration([{ name: 'PORT', default: '', meaning: 'the `port`' }]);
    const table = (row: string) => rule([readme(`## Configuration\n| a | b | c |\n|---|---|---|\n${row}\n`)]);
    expect(table('| `PORT` | – | the `port` |')).toEqual([]);
    expect(table('| `PORT` | `80` | the `port` |')).toHaveLength(2);
    expect(table('| `PORT` | – | a port |')).toHaveLength(2);
  });

  it('a link that leads nowhere', () => {
    const text = '[a](src/gone.ts) [b](src/file-1.ts) [c](src) [d](https://example.com) [e](#top)';
    expect(liveLinks([...files, readme(text)])).toHaveLength(1);
  });
});
