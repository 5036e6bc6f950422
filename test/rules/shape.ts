/**
 * How each file has to look: small, opened by a comment that says what it is, mirrored by a test, and without the ways
 * around a check.
 */
import { commentsOf, hasRuntimeCode, isNode, lineOf, type Node, tree, visitAll } from './syntax.ts';
import type { Rule, SourceFile } from './tree.ts';

/** Files of src without a test of their own, each with the reason. Keep it empty where you can. */
export const WITHOUT_OWN_TEST: Readonly<Record<string, string>> = {};

const FILE_LINES_MAX = 350;
const FUNCTION_LINES_MAX = 80;

/** Each file of src that does something has a test at the same place in test/. */
export const mirroredTests: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path));
  const testOf = (path: string) => path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
  const missing = files
    .filter((file) => file.path.startsWith('src/') && hasRuntimeCode(file))
    .filter(({ path }) => !paths.has(testOf(path)) && !Object.hasOwn(WITHOUT_OWN_TEST, path))
    .map(({ path }) => `${path}: has no ${testOf(path)}`);
  const needless = Object.keys(WITHOUT_OWN_TEST)
    .filter((path) => !paths.has(path) || paths.has(testOf(path)))
    .map((path) => `${path}: is listed as without a test, but is gone or has one`);
  return [...missing, ...needless];
};

const FUNCTIONS = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

/** Small files everywhere, small functions in what is shipped and in the scripts. */
export const smallFiles: Rule = (files) =>
  files.flatMap((file) => {
    const found: string[] = [];
    const lines = file.text.trimEnd().split('\n').length;
    if (lines > FILE_LINES_MAX) found.push(`${file.path}: has ${lines} lines, more than ${FILE_LINES_MAX}`);
    if (file.path.startsWith('test/')) return found;
    visitAll(tree(file), (node) => {
      if (!FUNCTIONS.test(node.type)) return;
      const first = lineOf(file, node.start);
      const long = lineOf(file, node.end) - first + 1;
      if (long > FUNCTION_LINES_MAX) {
        found.push(`${file.path}:${first}: has a function of ${long} lines, more than ${FUNCTION_LINES_MAX}`);
      }
    });
    return found;
  });

/** Each file opens with a comment; in TypeScript one of more than a few letters. */
export const openingComments: Rule = (files) =>
  files
    .filter(({ path }) => path.endsWith('.ts') || /^(?:scripts|\.ci)\/[\w-]+(?:\.sh)?$/.test(path))
    .filter(({ path, text }) => {
      const body = text.replace(/^#!.*\n/, '');
      return !(
        path.endsWith('.ts') ? /^(?:\/\*\*?[\s*]*[^\s*][\s\S]{12,}?\*\/|\/\/ \S.{12,})/ : /^# \w.{20,}/
      ).test(body);
    })
    .map(({ path }) => `${path}: does not open with a comment that says what it is`);

/** Words in comments that switch a check off, or put work off. */
const COMMENT_RULES: readonly (readonly [RegExp, string])[] = [
  [/@ts-(?:ignore|nocheck)/, 'switches the compiler off'],
  [/@ts-expect-error\s*(?:\*\/)?$/, 'expects an error without a reason'],
  [/biome-ignore(?!.*: ?\S.{9,})/, 'switches a lint off without a reason'],
  [/(?:istanbul|v8|c8) ignore/, 'hides code from coverage'],
  [/\b(?:TODO|FIXME|XXX|HACK)\b/, 'puts work off'],
  [/eslint-|prettier-ignore/, 'speaks to a tool that is not here'],
];

const TEST_STEPS = /^(?:describe|it|test|suite|bench)$/;
const SWITCHED_OFF = /^(?:only|skip|todo|skipIf|runIf|fails)$/;
const MOCKED = /^(?:vi|vitest)\.(?:mock|doMock|unmock|hoisted|importMock)$/;

/** `a.b` of a member expression with a plain name before the dot, through calls such as `it.each(…)`. */
function memberOf(node: Node): { readonly object: string; readonly property: string } | undefined {
  if (node.type !== 'MemberExpression' || node.computed === true) return undefined;
  let root = node.object;
  while (isNode(root) && root.type !== 'Identifier') root = root.callee ?? root.object ?? root.tag;
  if (!isNode(root)) return undefined;
  return { object: String(root.name), property: String((node.property as Node).name) };
}

function waysAround(file: SourceFile): readonly string[] {
  const found = commentsOf(file).flatMap(({ text, line }) =>
    COMMENT_RULES.filter(([words]) => words.test(text)).map(([, what]) => `${file.path}:${line}: ${what}`),
  );
  visitAll(tree(file), (node) => {
    const member = memberOf(node);
    if (node.type === 'TSAnyKeyword') found.push(`${file.path}:${lineOf(file, node.start)}: uses any`);
    if (member === undefined) return;
    const { object, property } = member;
    const line = lineOf(file, node.start);
    if (TEST_STEPS.test(object) && SWITCHED_OFF.test(property))
      found.push(`${file.path}:${line}: ${object}.${property}`);
    if (MOCKED.test(`${object}.${property}`))
      found.push(`${file.path}:${line}: replaces a module (${object}.${property})`);
  });
  return found;
}

/** Nothing switches a check, a test or a module off. */
export const noWaysAround: Rule = (files) => files.flatMap(waysAround);
