/** Reads source files for test/architecture.test.ts: what each imports, uses and declares, and how large it is. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor, type Comment, type StringLiteral } from 'oxc-parser';

/** One import or re-export with a constant specifier. */
export interface Import {
  readonly specifier: string;
  /** The imported file from the root of the repository; undefined for a package or a built-in module. */
  readonly file: string | undefined;
  readonly line: number;
  /** Imported where it is needed (`await import()`), so it takes no part in a cycle. */
  readonly isLazy: boolean;
}

/** Something in a file at a line, e.g. the name `Math.random`. */
export interface Found {
  readonly what: string;
  readonly line: number;
}

/** One function with its code lines. */
export interface SizedFunction extends Found {
  readonly codeLines: number;
}

/** What the rules ask of one source file. */
export interface Source {
  /** Path from the root of the repository, with `/`. */
  readonly file: string;
  /** `spec` for src/spec/load.ts and for src/spec.ts; undefined outside src. */
  readonly room: string | undefined;
  /** A test, or what only tests use. */
  readonly isTest: boolean;
  readonly codeLines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly SizedFunction[];
  /** Names of the outside world that it uses: `process`, `process.exit`, `Date.now`, `new Date()` … */
  readonly uses: readonly Found[];
  /** `any`, `as` other than `as const`, and default exports. */
  readonly forbidden: readonly Found[];
}

/** Every TypeScript and JavaScript file in those folders of the repository, in the order of their paths. */
export function readSources(root: string, folders: readonly string[]): readonly Source[] {
  return folders
    .flatMap((folder) => readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && /\.(ts|js|mjs)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort()
    .map((file) => readSource(file, readFileSync(path.join(root, file), 'utf8')));
}

/** Reads one file's text. Throws when it is no TypeScript. */
export function readSource(file: string, text: string): Source {
  const { program, comments, errors } = parseSync(file, text);
  const error = errors[0];
  if (error !== undefined) throw new SyntaxError(`${file}: ${error.message}`);
  const lines = new Lines(text, comments);
  const found = new Findings(file, lines);
  found.visitor.visit(program);
  return {
    file,
    room: roomOf(file),
    isTest: /\.test\.ts$|^test\/|\/testing\//.test(file),
    codeLines: lines.codeBetween(0, text.length),
    imports: found.imports,
    functions: found.functions,
    uses: found.uses,
    forbidden: found.forbidden,
  };
}

/** The room of a path: the folder of src that it is in, or the file of src itself. */
export function roomOf(file: string): string | undefined {
  return /^src\/([^/]+?)(\.ts|\/.*)$/.exec(file)?.[1];
}

/** Where the lines of a text begin, and which of them are code. */
class Lines {
  readonly #starts: readonly number[];
  readonly #isCode: readonly boolean[];

  constructor(text: string, comments: readonly Comment[]) {
    let code = text;
    for (const { start, end } of comments)
      code = code.slice(0, start) + code.slice(start, end).replaceAll(/[^\n]/g, ' ') + code.slice(end);
    const lines = code.split('\n');
    let at = 0;
    this.#starts = lines.map((line) => (at += line.length + 1) - line.length - 1);
    this.#isCode = lines.map((line) => line.trim() !== '');
  }

  /** Number of the line with that offset, from 1. */
  at(offset: number): number {
    const next = this.#starts.findIndex((start) => start > offset);
    return next === -1 ? this.#starts.length : next;
  }

  /** Lines from one offset to another that are neither blank nor only a comment. */
  codeBetween(start: number, end: number): number {
    return this.#isCode.slice(this.at(start) - 1, this.at(Math.max(start, end - 1))).filter(Boolean).length;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const outside = new Set([
  'process',
  'performance',
  'fetch',
  'console',
  'crypto',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
]);
const outsideMembers = new Set([
  'Date.now',
  'Math.random',
  'process.exit',
  'process.stdout',
  'performance.now',
]);

/** Collects what the rules ask, while the tree is walked from the outside in. */
class Findings {
  readonly imports: Import[] = [];
  readonly functions: SizedFunction[] = [];
  readonly uses: Found[] = [];
  readonly forbidden: Found[] = [];
  readonly visitor: Visitor;
  readonly #file: string;
  readonly #lines: Lines;
  /** Offsets of names that are keys or members, not the global of that name. */
  readonly #names = new Set<number>();

  constructor(file: string, lines: Lines) {
    this.#file = file;
    this.#lines = lines;
    this.visitor = new Visitor({
      ImportDeclaration: (node) => this.#import(node.source, false),
      ExportAllDeclaration: (node) => this.#import(node.source, false),
      ExportNamedDeclaration: (node) => node.source !== null && this.#import(node.source, false),
      ImportExpression: ({ source }) =>
        source.type === 'Literal' && typeof source.value === 'string' && this.#import(source, true),
      TSImportType: (node) => this.#import(node.source, true),
      FunctionDeclaration: (node) => this.#function(node.id?.name ?? 'a function', node),
      FunctionExpression: (node) => this.#function(node.id?.name ?? 'a method', node),
      ArrowFunctionExpression: (node) => this.#function('an arrow function', node),
      ...this.#outsideWorld(),
      ...this.#wordsOfTypes(),
    });
  }

  #outsideWorld(): ConstructorParameters<typeof Visitor>[0] {
    return {
      MemberExpression: (node) => {
        if (node.computed) return;
        this.#names.add(node.property.start);
        const name = `${node.object.type === 'Identifier' ? node.object.name : ''}.${node.property.type === 'Identifier' ? node.property.name : ''}`;
        if (outsideMembers.has(name)) this.#note(this.uses, name, node);
      },
      Property: (node) => void (!node.computed && !node.shorthand && this.#names.add(node.key.start)),
      TSPropertySignature: (node) => void this.#names.add(node.key.start),
      TSMethodSignature: (node) => void this.#names.add(node.key.start),
      PropertyDefinition: (node) => void this.#names.add(node.key.start),
      MethodDefinition: (node) => void this.#names.add(node.key.start),
      Identifier: (node) => {
        if (outside.has(node.name) && !this.#names.has(node.start)) this.#note(this.uses, node.name, node);
      },
      NewExpression: (node) => {
        const isClock =
          node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
        if (isClock) this.#note(this.uses, 'new Date()', node);
      },
    };
  }

  #wordsOfTypes(): ConstructorParameters<typeof Visitor>[0] {
    return {
      TSAnyKeyword: (node) => this.#note(this.forbidden, 'any', node),
      TSTypeAssertion: (node) => this.#note(this.forbidden, 'as', node),
      TSAsExpression: (node) => {
        const { typeAnnotation: type } = node;
        const isConst =
          type.type === 'TSTypeReference' &&
          type.typeName.type === 'Identifier' &&
          type.typeName.name === 'const';
        if (!isConst) this.#note(this.forbidden, 'as', node);
      },
      ExportDefaultDeclaration: (node) => this.#note(this.forbidden, 'export default', node),
    };
  }

  #note(list: Found[], what: string, { start }: Span): void {
    list.push({ what, line: this.#lines.at(start) });
  }

  #import(source: StringLiteral, isLazy: boolean): void {
    const specifier = source.value;
    const file = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(this.#file), specifier)
      : undefined;
    this.imports.push({ specifier, file, line: this.#lines.at(source.start), isLazy });
  }

  #function(what: string, { start, end }: Span): void {
    this.functions.push({
      what,
      line: this.#lines.at(start),
      codeLines: this.#lines.codeBetween(start, end),
    });
  }
}
