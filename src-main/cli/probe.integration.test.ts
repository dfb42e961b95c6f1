import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CheckAdvice, CheckedEndpoint, CheckVerdict } from '#shared/job.ts';
import { hasPostfix, type Postfix, startPostfix } from '../../e2e/servers/postfix.ts';
import { createCertificate, type TestCertificate } from '../core/incoming/testing/certificates.ts';
import { type Command, makeCommand } from './testing/command.ts';

/** The public shape of `postrider probe --json`. */
const Probed = z.strictObject({
  ok: z.boolean(),
  verdictKind: CheckVerdict,
  verdict: z.string(),
  endpoints: z.array(CheckedEndpoint),
  advice: z.array(CheckAdvice),
  serverId: z.string().optional(),
});

const isHere = await hasPostfix();

describe.skipIf(!isHere)('postrider probe, against a real Postfix', () => {
  let folder: string;
  let certificate: TestCertificate;
  let postrider: Command;
  const relays: Postfix[] = [];
  const impostors: Server[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-probe-'));
    certificate = await createCertificate({ commonName: 'relay.test', altNames: ['DNS:relay.test', 'IP:127.0.0.1'] });
    await writeFile(files().keyFile, certificate.key, { mode: 0o600 });
    await writeFile(files().certFile, certificate.cert);
    postrider = await makeCommand();
  });
  afterEach(async () => {
    for (const relay of relays.splice(0)) await relay.stop();
    for (const impostor of impostors.splice(0)) {
      impostor.close();
      await once(impostor, 'close');
    }
  });
  afterAll(async () => {
    await postrider?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const files = () => ({ keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') });

  async function relay(options: Parameters<typeof startPostfix>[0] = {}): Promise<Postfix> {
    const postfix = await startPostfix(options);
    relays.push(postfix);
    return postfix;
  }

  async function probe(...args: string[]): Promise<z.infer<typeof Probed> & { code: number | null }> {
    const ended = await postrider.run(['probe', ...args, '--json']);
    return { ...Probed.parse(ended.json()), code: ended.code };
  }

  async function addServer(json: object): Promise<string> {
    const ended = await postrider.run(['server', 'add', '--json'], { stdin: JSON.stringify(json) });
    return z.object({ id: z.string() }).parse(ended.json()).id;
  }

  test('tells what a relay offers, as a table and as JSON, the verdict once', async () => {
    const { port } = await relay({ certificate: files(), messageSizeLimit: 1_234_567 });
    const shown = await postrider.run(['probe', '127.0.0.1', '--port', String(port)]);
    const text = shown.stdout.toString();
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(text).toMatch(new RegExp(`^127\\.0\\.0\\.1:${port}, no encryption, \\d+\\.\\d s$`, 'm'));
    expect(text).toMatch(/^ +greeting +220 relay\.test ESMTP Postfix/m);
    expect(text).toMatch(/^ +offers .*SIZE 1234567.*STARTTLS/m);
    expect(text).toMatch(/^ +signing in +not offered$/m);
    expect(text.match(new RegExp(`Port ${port} works\\.`, 'g'))).toHaveLength(1);

    const json = await probe('127.0.0.1', '--port', String(port));
    expect(json).toMatchObject({ code: 0, ok: true, verdictKind: 'works', verdict: `Port ${port} works.`, advice: [] });
    expect(json.serverId).toBeUndefined();
    expect(json.endpoints[0]).toMatchObject({
      capabilities: expect.arrayContaining(['SIZE 1234567', 'STARTTLS', 'DSN']),
      authMethods: [],
    });
  });

  test('says whose certificate it is that nobody vouches for, and how to trust it', async () => {
    const { port } = await relay({ certificate: files() });
    const args = ['127.0.0.1', '--port', String(port), '--security', 'starttls'];
    const endpoint = { host: '127.0.0.1', port, security: 'starttls' };
    expect(await probe(...args)).toMatchObject({
      code: 69,
      ok: false,
      verdictKind: 'wrong-certificate',
      advice: [{ kind: 'pin-certificate', endpoint, certificateSha256: certificate.sha256 }],
    });
    const text = (await postrider.run(['probe', ...args])).stdout.toString();
    expect(text).toMatch(/^ +certificate +relay\.test, issued by relay\.test, until 20\d\d-\d\d-\d\d$/m);
    expect(text).toContain(`SHA-256 ${certificate.sha256}`);

    const pinned = { ...endpoint, pinnedCertificateSha256: certificate.sha256 };
    const id = await addServer({ label: 'Pinned relay', endpoints: [pinned], auth: { method: 'none' } });
    expect(await probe('pinned relay')).toMatchObject({
      code: 0,
      serverId: id,
      verdictKind: 'works',
      endpoints: [{ tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) } }],
    });
  });

  test('does not confuse a closed port with a wrong name', async () => {
    const { port } = await relay();
    await relays.splice(0)[0]?.stop();
    expect(await probe('127.0.0.1', '--port', String(port))).toMatchObject({ code: 69, verdictKind: 'server-down' });
    const unknown = await probe('no-such-server.invalid', '--port', '25');
    expect(unknown).toMatchObject({ code: 69, ok: false });
    expect(['unknown-host', 'offline']).toContain(unknown.verdictKind);
    const wrong = await postrider.run(['probe', 'two words', '--json']);
    expect([wrong.code, wrong.json()]).toMatchObject([65, { error: { code: 'EINVALID' } }]);
  });

  test('knows a relay again, notices another one in its place, and lets the user accept that', async () => {
    const { port } = await relay();
    const endpoints = [{ host: '127.0.0.1', port, security: 'none' }];
    const id = await addServer({ label: 'In clear', endpoints, auth: { method: 'none' } });
    expect(await probe('In clear')).toMatchObject({ code: 0, serverId: id, verdictKind: 'works' });
    await relays.splice(0)[0]?.stop();
    const heard: string[] = [];
    await impostor(port, 'relay.hotel.example', heard);

    const caught = await probe('127.0.0.1', '--port', String(port));
    expect(caught).toMatchObject({
      code: 69,
      serverId: id,
      verdictKind: 'something-in-its-place',
      endpoints: [{ error: { code: 'EINTERCEPTED' } }],
      advice: [{ kind: 'accept-relay', endpoint: endpoints[0] }],
    });
    expect(caught.verdict).toContain('It calls itself hotel.example; before, it was relay.test.');
    // It is looked at a few times more, in case a pool takes turns; nothing but courtesies is said to it.
    expect(heard.filter((line) => !/^(?:EHLO|QUIT)/.test(line))).toEqual([]);

    expect((await postrider.run(['server', 'accept-relay', id, '--json'])).json()).toEqual({
      id,
      endpoint: `127.0.0.1:${port}`,
    });
    expect(await probe('In clear')).toMatchObject({ code: 0, verdictKind: 'works' });
    expect((await postrider.run(['server', 'accept-relay', id, '--endpoint', 'x:1'])).code).toBe(65);
    expect((await postrider.run(['server', 'accept-relay', 'nobody'])).code).toBe(65);
  });

  /** Somebody else on the port of the relay. */
  async function impostor(port: number, name: string, heard: string[]): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const line of chunk
          .toString()
          .split('\r\n')
          .filter((one) => one !== '')) {
          heard.push(line);
          socket.write(line.startsWith('QUIT') ? '221 bye\r\n' : `250 ${name}\r\n`);
        }
      });
      socket.write(`220 ${name} ESMTP\r\n`);
    });
    impostors.push(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
});
