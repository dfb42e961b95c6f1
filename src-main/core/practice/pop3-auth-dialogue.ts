import { createHmac, randomBytes } from 'node:crypto';
import type { Pop3ServerOptions } from './pop3-server.ts';

type Reply = string | Uint8Array;
type Take = (text: string) => Reply;

/** The server's side of AUTH (RFC 5034): PLAIN, LOGIN, CRAM-MD5, XOAUTH2. */
export function createAuthDialogue(options: Pop3ServerOptions, signIn: (name: string, isRight: boolean) => Reply) {
  /** Takes the next line instead of a command. */
  let expected: Take | null = null;

  function ask(challenge: string, take: Take): Reply {
    expected = take;
    return `+ ${base64(challenge)}`;
  }

  function takePlain(text: string): Reply {
    const [, name = '', password = ''] = text.split('\0');
    return signIn(name, password === options.password);
  }

  function takeToken(text: string): Reply {
    const name = /^user=([^\x01]*)/.exec(text)?.[1] ?? '';
    const isRight = options.accessToken !== undefined && text.includes(`auth=Bearer ${options.accessToken}\x01`);
    return isRight ? signIn(name, true) : ask('{"status":"400"}', () => '-ERR [AUTH] The token was not accepted.');
  }

  function takeDigest(challenge: string): Take {
    const digest = createHmac('md5', options.password).update(challenge).digest('hex');
    return (response) => signIn(response.split(' ')[0] ?? '', response.split(' ')[1] === digest);
  }

  return {
    begin(mechanism: string, initial: string | undefined): Reply {
      const name = mechanism.toUpperCase();
      if (!(options.sasl ?? []).includes(name)) return '-ERR That way of signing in is not offered here.';
      if (name === 'PLAIN' || name === 'XOAUTH2') {
        const take = name === 'PLAIN' ? takePlain : takeToken;
        return initial === undefined ? ask('', take) : take(fromBase64(initial));
      }
      if (name === 'LOGIN')
        return ask('Username:', (user) => ask('Password:', (password) => signIn(user, password === options.password)));
      const challenge = `<${randomBytes(8).toString('hex')}@practice.postrider.test>`;
      return ask(challenge, takeDigest(challenge));
    },
    /** Null when the line is a command. */
    takeResponse(line: string): Reply | null {
      const take = expected;
      expected = null;
      return take === null ? null : take(fromBase64(line));
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
