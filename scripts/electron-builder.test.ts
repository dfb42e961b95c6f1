import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { DebugLogger } from 'builder-util';
import { expect, test } from 'vitest';
import { packerWords } from './lib/packer-words.ts';

const root = join(import.meta.dirname, '..');
const read = () => getConfig(root, join(root, 'electron-builder.yml'), null);

test('electron-builder’s own schema takes the file', async () => {
  await validateConfiguration(await read(), new DebugLogger(false));
});

test('a wrong key would be noticed', async () => {
  const config = { ...(await read()), taget: ['deb'] };
  await expect(validateConfiguration(config, new DebugLogger(false))).rejects.toThrow(/unknown property 'taget'/);
});

test('the fuses and the sandbox are as a shipped program needs them', async () => {
  const config = await read();
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    grantFileProtocolExtraPrivileges: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  });
  expect(config.toolsets?.appimage).toBe('1.0.3');
  expect(JSON.stringify(config)).not.toContain('no-sandbox');
  expect(config.deb?.depends).toContain('libnss3');
});

test('the icons it names are there', async () => {
  const config = await read();
  for (const path of [config.linux?.icon, config.win?.icon, config.mac?.icon]) {
    expect(existsSync(join(root, String(path)))).toBe(true);
  }
  for (const size of [16, 32, 48, 128, 256, 512]) {
    expect(existsSync(join(root, `assets/icons/linux/${size}x${size}.png`))).toBe(true);
  }
});

test('nothing is shipped with an address nobody has; who packs for Debian gives both', async () => {
  expect(readFileSync(join(root, 'package.json'), 'utf8')).not.toMatch(/homepage|\.invalid/);
  expect(JSON.stringify(await read())).not.toContain('.invalid');
  const homepage = 'https://postrider.example';
  const maintainer = 'Anna Example <anna@example.org>';
  const env = { POSTRIDER_HOMEPAGE: homepage, POSTRIDER_MAINTAINER: maintainer };
  const about = [`-c.extraMetadata.homepage=${homepage}`, `-c.linux.maintainer=${maintainer}`];
  expect(packerWords('linux', env, [])).toEqual({ words: about });
  const none = packerWords('linux', {}, []);
  expect(none.words).toEqual(['--linux', 'AppImage']);
  expect(none.note).toContain('POSTRIDER_HOMEPAGE');
  expect(packerWords('linux', {}, ['--dir'])).toEqual({ words: ['--dir'] });
  expect(packerWords('win32', {}, [])).toEqual({ words: [] });
  expect(() => packerWords('linux', { POSTRIDER_HOMEPAGE: 'postrider' }, [])).toThrow(/https/);
  expect(() => packerWords('linux', { POSTRIDER_MAINTAINER: 'anna@example.org' }, [])).toThrow(/name and an address/);
});

test('a package for Debian brings the command, and is found by its name', async () => {
  const config = await read();
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
    desktopName: 'postrider.desktop',
  });
  expect(config.linux).toMatchObject({ syncDesktopName: true, executableName: 'postrider-app' });
  const [from = '', to] = String(config.deb?.fpm).split('=');
  expect(to).toBe('/usr/bin/postrider');
  expect(readFileSync(join(root, from), 'utf8')).toContain(
    `/opt/${config.productName}/${config.linux?.executableName}`,
  );
  expect(config.protocols).toMatchObject([{ schemes: ['mailto'] }]);
});

test('Windows is told of a mail program, by the name the program bears there', async () => {
  const config = await read();
  const script = readFileSync(join(root, String(config.nsis?.include)), 'utf8');
  expect(script).toContain('URLAssociations" "mailto" "Postrider.mailto"');
  // The packer's own associations need an installation for the whole machine there.
  expect(config.fileAssociations).toMatchObject([{ ext: 'eml', mimeType: 'message/rfc822' }]);
  expect(script).toContain('FileAssociations" ".eml" "Postrider.eml"');
  const start = readFileSync(join(root, 'src-main/host-electron/start-app.ts'), 'utf8');
  expect(start).toContain(`appUserModelId = '${config.appId}'`);
});
