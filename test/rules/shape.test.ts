/** The rules about the shape of files, held against the source, and shown to catch what they forbid. */
import { describe, expect, it } from 'vitest';
import { mirroredTests, noWaysAround, openingComments, smallFiles } from './shape.ts';
import { projectCode, projectFiles } from './tree.ts';

const broken = (path: string, text: string) => [{ path, text }];

describe('the source', () => {
  it('has a test for each file that does something', () => expect(mirroredTests(projectCode())).toEqual([]));
  it('is made of small files and functions', () => expect(smallFiles(projectCode())).toEqual([]));
  it('says at the top of each file what it is', () => expect(openingComments(projectFiles())).toEqual([]));
  it('goes around no check', () => expect(noWaysAround(projectCode())).toEqual([]));
});

describe('the rule of tests', () => {
  it('catches a file without one', () => {
    expect(mirroredTests(broken('src/link/x.ts', 'export const y = 1;'))).toHaveLength(1);
    expect(mirroredTests(broken('src/link/x.ts', "export { y } from './y.ts';"))).toHaveLength(1);
  });

  it('is content with a test, and with a file of types', () => {
    const test = { path: 'test/link/x.test.ts', text: '' };
    expect(mirroredTests([...broken('src/link/x.ts', 'export const y = 1;'), test])).toEqual([]);
    const types =
      "import type { A } from './a.ts'; export interface B { a: A } export type { A }; type C = B;";
    expect(mirroredTests(broken('src/link/x.ts', types))).toEqual([]);
  });
});

describe('the rule of size', () => {
  it('catches a long file', () =>
    expect(
      smallFiles(broken('test/x.ts', 'export const y = [\n'.concat('1,\n'.repeat(350), '];'))),
    ).toHaveLength(1));
  it('catches a long function, but not in a test', () => {
    const text = `export const f = () => {\n${'f();\n'.repeat(80)}};`;
    expect(smallFiles(broken('src/link/x.ts', text))).toHaveLength(1);
    expect(smallFiles(broken('test/link/x.test.ts', text))).toEqual([]);
  });
});

describe('the rule of opening comments', () => {
  it.each([
    ['src/x.ts', 'export const y = 1;'],
    ['src/x.ts', '/** x */\nexport const y = 1;'],
    ['src/x.ts', "import './y.ts';\n/** What this file is comes too late here. */"],
    ['scripts/x', '#!/usr/bin/env bash\nset -e\n'],
  ])('catches %s: %j', (path, text) => expect(openingComments(broken(path, text))).toHaveLength(1));

  it('is content with a sentence', () => {
    expect(openingComments(broken('src/x.ts', '/** Counts what there is to count. */\n'))).toEqual([]);
    expect(openingComments(broken('scripts/x', '#!/bin/sh\n# Counts what there is to count.\n'))).toEqual([]);
  });
});

describe('the rule of ways around', () => {
  it.each([
    'it.only("x", () => {});',
    'describe.skip("x", () => {});',
    'it.skipIf(true)("x", () => {});',
    'test.concurrent.todo("x");',
    'vi.mock("./y.ts");',
    '// @ts-ignore\nexport const y = 1;',
    '// @ts-expect-error\nexport const y = 1;',
    '// biome-ignore lint/x: no\nexport const y = 1;',
    '/* v8 ignore next */\nexport const y = 1;',
    'export const y: any = 1;',
    '// TODO: more\n',
  ])('catches %j', (text) => expect(noWaysAround(broken('test/x.test.ts', text))).toHaveLength(1));

  it('is content with the same words in a string, and with a reason', () => {
    const text = [
      `export const words = ['// @ts-ignore', "it.only(1)", \`/* v8 ignore */ \${1} // TODO\`, /\\/\\/ TODO/];`,
      '// biome-ignore lint/suspicious/noX: the library hands out this type and nothing narrower',
      '// @ts-expect-error the library types this callback wrongly',
      'it.each([1])("x", () => {});',
    ].join('\n');
    expect(noWaysAround(broken('test/x.test.ts', text))).toEqual([]);
  });
});
