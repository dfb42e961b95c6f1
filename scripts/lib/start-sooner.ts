import { parseAst } from 'rolldown/parseAst';
import { type ESTree, Visitor } from 'rolldown/utils';

// What the bundler does to our code so that a start costs less. Nothing of it changes what the code does.

const builtinImport = /^import (?:([\w$]+)(?:, )?)?(?:\{ ([^}]*) \}|\* as ([\w$]+))? ?from "(node:[\w/]+)";$/gm;

/**
 * An `import` of a module of Node's own reads every name it exports, and some names are dear: those of `node:tls` read all
 * certificates that come with Node, those of `node:http` load its whole `fetch`. Whoever asks for the module itself reads
 * only the names they use.
 */
export const requiredBuiltins = {
  name: 'required-builtins',
  renderChunk: (code: string) => ({ code: requireBuiltins(code) }),
};

/** The import lines of a chunk, as the bundler writes them, as plain declarations. */
export function requireBuiltins(code: string): string {
  return code.replace(builtinImport, (_line, whole?: string, names?: string, all?: string, module?: string) => {
    const loaded = `process.getBuiltinModule("${module}")`;
    const declared = [whole, all].flatMap((name) => (name === undefined ? [] : [`${name} = ${loaded}`]));
    if (names !== undefined) declared.push(`{ ${names.replaceAll(' as ', ': ')} } = ${loaded}`);
    return `const ${declared.join(', ')};`;
  });
}

/**
 * Most schemas describe what this run never meets. The fields of `z.object({ … })` become accessors: zod reads them once,
 * when something is first checked against the object.
 */
export const lazyShapes = {
  name: 'lazy-shapes',
  transform: (code: string, id: string) =>
    /[\\/]src-(?:main|shared)[\\/].*\.ts$/.test(id) && code.includes('z.') ? { code: makeShapesLazy(code) } : null,
};

/** The same source with each `key: schema` of a `z.object({ … })` as an accessor. */
export function makeShapesLazy(source: string): string {
  const edits: { from: number; to: number; text: string }[] = [];
  const visitor = new Visitor({
    CallExpression(call) {
      for (const { key, value } of fieldsOf(call)) {
        edits.push({ from: key.start, to: key.start, text: 'get ' });
        // On one line: a `return` that stands alone returns nothing.
        edits.push({ from: key.end, to: value.start, text: '() { return ' });
        edits.push({ from: value.end, to: value.end, text: '; }' });
      }
    },
  });
  visitor.visit(parseAst(source, { lang: 'ts' }));
  let lazy = '';
  let done = 0;
  for (const { from, to, text } of edits.sort((a, b) => a.from - b.from)) {
    lazy += source.slice(done, from) + text;
    done = to;
  }
  return lazy + source.slice(done);
}

/** The plain fields of the literal in `z.object({ … })`; none of any other call. */
function fieldsOf({ callee, arguments: [shape] }: ESTree.CallExpression): ESTree.ObjectProperty[] {
  if (callee.type !== 'MemberExpression' || callee.computed) return [];
  if (callee.object.type !== 'Identifier' || callee.object.name !== 'z') return [];
  if (!['object', 'strictObject', 'looseObject'].includes(callee.property.name)) return [];
  if (shape?.type !== 'ObjectExpression') return [];
  return shape.properties.filter(
    (field): field is ESTree.ObjectProperty =>
      field.type === 'Property' && field.kind === 'init' && !field.computed && !field.method && !field.shorthand,
  );
}

/** Large libraries of which one name each is used, and by few runs: how that name is made without loading the library. */
const libraries: Readonly<Record<string, string>> = {
  tldts: 'export const getDomain = (...words) => library().getDomain(...words);',
  re2js: 'export const RE2JS = new Proxy({}, { get: (_target, name) => library().RE2JS[name] });',
};

/** Each becomes a file of its own, `chunks/NAME.cjs`, which is loaded when it is first used. */
export const librariesApart: readonly string[] = Object.keys(libraries);

const apart = '\0library-apart:';

export const lazyLibraries = {
  name: 'lazy-libraries',
  resolveId: (source: string) => (Object.hasOwn(libraries, source) ? apart + source : null),
  load(id: string): string | null {
    if (!id.startsWith(apart)) return null;
    const name = id.slice(apart.length);
    // Whoever needs it lies there or in a folder beside.
    return `import { createRequire } from 'node:module';
      let loaded;
      const library = () => (loaded ??= createRequire(import.meta.url)('../chunks/${name}.cjs'));
      ${libraries[name]}`;
  },
};
