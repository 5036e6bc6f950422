/**
 * What the rules need to know of a TypeScript file, read from its syntax tree: imports, comments, and where a name is
 * used. The parser is the one that vitest brings along.
 */
import { parseAst } from 'vitest/node';
import type { SourceFile } from './tree.ts';

/** A node of the tree; only what the rules read is typed. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Import {
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

export interface Comment {
  readonly text: string;
  readonly line: number;
}

const trees = new WeakMap<SourceFile, Node>();

/** The syntax tree of a file, parsed once. */
export function tree(file: SourceFile): Node {
  const known = trees.get(file);
  if (known !== undefined) return known;
  const parsed = parseAst(file.text, { lang: 'ts' }, file.path) as unknown as Node;
  trees.set(file, parsed);
  return parsed;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The nodes directly below a node, each with the key it hangs on. */
export function children(node: Node): readonly { readonly key: string; readonly node: Node }[] {
  return Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).map((child) => ({ key, node: child })),
  );
}

/** Calls `visit` for every node with its parent and the key it hangs on there. */
export function visitAll(
  root: Node,
  visit: (node: Node, parent: Node | undefined, key: string) => void,
): void {
  const go = (node: Node, parent: Node | undefined, key: string): void => {
    visit(node, parent, key);
    for (const child of children(node)) go(child.node, node, child.key);
  };
  go(root, undefined, '');
}

export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}

/** The text of a literal string, or of a template without holes. */
function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral') return undefined;
  const [quasi, ...more] = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
  return more.length === 0 ? quasi?.value.cooked : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const named = node.specifiers as readonly Node[] | undefined;
  return (
    named !== undefined &&
    named.length > 0 &&
    named.every((one) => one.importKind === 'type' || one.exportKind === 'type')
  );
}

/** Every import of a file: static, type, re-export, dynamic, `import('…')` in a type, and `new URL('./x.ts', …)`. */
export function importsOf(file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (source: unknown, typeOnly: boolean): void => {
    const specifier = literal(source);
    if (specifier !== undefined) found.push({ specifier, typeOnly });
  };
  visitAll(tree(file), (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        add(node.source, isTypeOnly(node));
        break;
      case 'ImportExpression':
        add(node.source, false);
        break;
      case 'TSImportType':
        add(node.source ?? node.argument, true);
        break;
      case 'NewExpression': {
        const callee = node.callee as Node;
        const target = literal((node.arguments as readonly unknown[])[0]);
        if (callee.name === 'URL' && target?.startsWith('.') && target.endsWith('.ts')) {
          found.push({ specifier: target, typeOnly: false });
        }
        break;
      }
    }
  });
  return found;
}

/** Expressions that TypeScript adds; below every other node of its own stand types, which are no use of a value. */
const TYPED_EXPRESSIONS = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'];

/** Whether an identifier is only a word here: a property, a key, a label or part of a type. */
function isOnlyAWord(parent: Node | undefined, key: string): boolean {
  if (parent === undefined) return false;
  if (parent.type.startsWith('TS')) return !(TYPED_EXPRESSIONS.includes(parent.type) && key === 'expression');
  if (key === 'property' || key === 'key') return parent.computed !== true;
  return key === 'label' || key === 'imported' || key === 'exported' || parent.type === 'MetaProperty';
}

/** Whether a child of this node, on this key, is a pattern that declares names. */
function declares(node: Node, key: string): boolean {
  if (key === 'id' || key === 'params' || key === 'param') return !node.type.startsWith('TS');
  return key === 'local' && node.type.startsWith('Import');
}

export interface Use {
  /** `Date`, or with its property `process.env`. */
  readonly name: string;
  readonly line: number;
}

/** Where a file uses global names as values; a member is told with its property. Names that it declares are left out. */
export function globalUsesOf(file: SourceFile): readonly Use[] {
  const declared = new Set<string>();
  const uses: (Use & { readonly root: string })[] = [];
  const go = (node: Node, parent: Node | undefined, key: string, pattern: boolean): void => {
    if (node.type === 'Identifier' && !isOnlyAWord(parent, key)) {
      const root = String(node.name);
      const property =
        parent?.type === 'MemberExpression' && key === 'object' ? memberName(parent) : undefined;
      const name = property === undefined ? root : `${root}.${property}`;
      if (pattern) declared.add(root);
      else uses.push({ root, name, line: lineOf(file, node.start) });
    }
    for (const child of children(node)) {
      const staysPattern = pattern && !['right', 'typeAnnotation', 'key'].includes(child.key);
      go(child.node, node, child.key, staysPattern || declares(node, child.key));
    }
  };
  go(tree(file), undefined, '', false);
  return uses.filter(({ root }) => !declared.has(root)).map(({ name, line }) => ({ name, line }));
}

function memberName(member: Node): string | undefined {
  const property = member.property as Node;
  return member.computed === true ? literal(property) : String(property.name);
}

/** The comments of a file; text inside strings, templates and regular expressions is none. */
export function commentsOf(file: SourceFile): readonly Comment[] {
  const quoted: Node[] = [];
  visitAll(tree(file), (node) => {
    if (node.type === 'Literal' || node.type === 'TemplateElement') quoted.push(node);
  });
  const found: Comment[] = [];
  const opening = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  for (let match = opening.exec(file.text); match !== null; match = opening.exec(file.text)) {
    const at = match.index;
    const inside = quoted.find((node) => node.start <= at && at < node.end);
    if (inside === undefined) found.push({ text: match[0], line: lineOf(file, at) });
    else opening.lastIndex = inside.end;
  }
  return found;
}

/** Whether anything of the file is left when its types are stripped. */
export function hasRuntimeCode(file: SourceFile): boolean {
  return (tree(file).body as readonly Node[]).some((statement) => {
    if (statement.type === 'ImportDeclaration') return false;
    if (/^TS(?:Interface|TypeAlias)/.test(statement.type)) return false;
    if (!statement.type.startsWith('Export')) return true;
    const { declaration } = statement;
    if (isNode(declaration)) return !/^TS(?:Interface|TypeAlias)/.test(declaration.type);
    return !isTypeOnly(statement);
  });
}
