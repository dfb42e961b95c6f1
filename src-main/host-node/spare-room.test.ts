import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compiledCodeFolder } from './compiled-code.ts';
import { giveSpareRoom, keepSpareRoom } from './spare-room.ts';

let profileDir: string;
beforeEach(() => {
  profileDir = mkdtempSync(join(tmpdir(), 'postrider-spare-'));
});
afterEach(() => rmSync(profileDir, { recursive: true, force: true }));

it('sets room aside once, and gives it back once', () => {
  keepSpareRoom(profileDir);
  const [name = ''] = readdirSync(profileDir);
  const { mtimeMs, blocks } = statSync(join(profileDir, name));
  expect(blocks * 512).toBeGreaterThanOrEqual(256 * 1024);
  keepSpareRoom(profileDir);
  expect(statSync(join(profileDir, name)).mtimeMs).toBe(mtimeMs);
  expect(giveSpareRoom(profileDir)).toBe(true);
  expect(readdirSync(profileDir)).toEqual([]);
  expect(giveSpareRoom(profileDir)).toBe(false);
});

it('gives the compiled code back as well, and nothing else', () => {
  mkdirSync(join(profileDir, compiledCodeFolder, 'v1'), { recursive: true, mode: 0o700 });
  writeFileSync(join(profileDir, compiledCodeFolder, 'v1', 'code'), 'x');
  writeFileSync(join(profileDir, 'settings.json'), '{}');
  expect(giveSpareRoom(profileDir)).toBe(true);
  expect(readdirSync(profileDir, { recursive: true }).sort()).toEqual([compiledCodeFolder, 'settings.json']);
});

it('where it cannot be set aside nothing is amiss', () => {
  expect(() => keepSpareRoom(join(profileDir, 'gone'))).not.toThrow();
  expect(giveSpareRoom(join(profileDir, 'gone'))).toBe(false);
});
