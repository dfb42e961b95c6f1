import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { makeShapesLazy, requireBuiltins } from './start-sooner.ts';

function evaluate(source: string, within: Record<string, unknown>): unknown {
  return new Function(...Object.keys(within), `return ${makeShapesLazy(source)};`)(...Object.values(within));
}

test('a field’s schema is made when something is first checked, once, and checks the same', () => {
  let made = 0;
  const dear = (): z.ZodType => {
    made += 1;
    return z.string().min(2);
  };
  const schema = evaluate(
    `z.object({ name: dear(), 'a-b': z
      .number() /* “ü” */, deep: z.object({ list: z.array(dear()).default([]) }).optional(), }).strict()`,
    { z, dear },
  );
  if (!(schema instanceof z.ZodType)) throw new Error('That is no schema.');
  expect(made).toBe(0);
  expect(schema.parse({ name: 'xy', 'a-b': 1, deep: {} })).toEqual({ name: 'xy', 'a-b': 1, deep: { list: [] } });
  for (const wrong of [{ name: 'x', 'a-b': 1 }, { name: 'xy' }, { name: 'xy', 'a-b': 1, other: 1 }, null])
    expect(schema.safeParse(wrong).success).toBe(false);
  expect(made).toBe(2);
});

test('only the plain fields of an object’s schema are touched', () => {
  const source =
    'f({ a: z.object(given), b: z.object({ ...rest, c, [d]: 1, e() { return 2; }, get g() { return 3; } }) });';
  expect(makeShapesLazy(source)).toBe(source);
});

test('the contract stays a program, with its comments between the fields', async () => {
  const folder = join(import.meta.dirname, '../../src-shared/rpc');
  const parts = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = await Promise.all(parts.map((part) => readFile(join(folder, part), 'utf8')));
  const lazy = sources.map(makeShapesLazy);
  for (const part of lazy) expect(() => parseAst(part, { lang: 'ts' })).not.toThrow();
  expect(lazy.join('')).toContain('get jobId() { return JobId; }');
});

test.each([
  [
    'import { a, b as c$1 } from "node:fs/promises";',
    'const { a, b: c$1 } = process.getBuiltinModule("node:fs/promises");',
  ],
  ['import net from "node:net";', 'const net = process.getBuiltinModule("node:net");'],
  ['import * as dns from "node:dns";', 'const dns = process.getBuiltinModule("node:dns");'],
  [
    'import fs$1, { stat } from "node:fs";',
    'const fs$1 = process.getBuiltinModule("node:fs"), { stat } = process.getBuiltinModule("node:fs");',
  ],
  ['import { a } from "./chunk.js";', 'import { a } from "./chunk.js";'],
])('%s', (line, instead) => {
  expect(requireBuiltins(`${line}\nx();\n`)).toBe(`${instead}\nx();\n`);
});
