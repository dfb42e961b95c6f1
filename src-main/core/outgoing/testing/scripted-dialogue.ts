import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Line, Script, TakenMessage, Torn } from './scripted-smtp.ts';

/** What the server follows, and what it remembers of all its connections. */
export interface Remembered {
  script: Script;
  messages: TakenMessage[];
  accepted: TakenMessage[];
  commands: string[];
  clear: Buffer[];
}

/** One connection: a small state machine over lines. */
export function converse(plain: Socket, state: Remembered, tell: () => void): void {
  let stream: Socket = plain;
  let isSecure = false;
  let isMute = false;
  let buffer = Buffer.alloc(0);
  const parts: Buffer[] = [];
  let tail = Buffer.alloc(0);
  let octets = 0;
  let mode: 'command' | 'auth' | 'data' = 'command';
  let authSteps: Line[] = [];
  let from = '';
  let to: string[] = [];

  const say = (line: Line): boolean => {
    if (isMute) return false;
    if (line === 'drop') {
      stream.end();
      plain.destroySoon();
      return false;
    }
    if (line === 'half') {
      stream.write('451 4.3.0 I wou');
      stream.end();
      plain.destroySoon();
      return false;
    }
    if (line === 'silence') {
      // From here on: a server that hangs does not answer the next command either.
      isMute = true;
      return false;
    }
    if (isTorn(line)) {
      tear(line);
      return false;
    }
    const text = typeof line === 'string' ? line : line.join('\r\n');
    stream.write(`${text}\r\n`);
    return true;
  };

  function tear({ torn, end }: Torn): void {
    isMute = true;
    const leave = (): void => {
      if (end === 'reset') plain.resetAndDestroy();
      else if (end === 'drop') {
        stream.end();
        plain.destroySoon();
      }
    };
    if (torn === '') leave();
    else stream.write(torn, leave);
  }

  function listen(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (!isSecure) state.clear.push(chunk);
      parts.push(chunk);
      // While a long message comes in, only the seam of old and new is looked at.
      const seam = Buffer.concat([tail, chunk]);
      tail = seam.subarray(-5);
      octets += chunk.length;
      const isLong = mode === 'data' && octets > 100 && !seam.includes('\r\n.\r\n');
      if (!isLong || octets >= (state.script.duringData?.octets ?? Number.POSITIVE_INFINITY)) {
        buffer = Buffer.concat([buffer, ...parts.splice(0)]);
        work();
        octets = buffer.length;
      }
      tell();
    });
  }

  /** A server, or a box before it, that loses what is said together. */
  function loseTogether(): void {
    const { takesTogether } = state.script;
    if (takesTogether === undefined || mode !== 'command') return;
    const lines = buffer.toString('latin1').split('\r\n');
    if (lines.length <= 2) return;
    buffer =
      takesTogether === 'drop'
        ? Buffer.alloc(0)
        : Buffer.from(
            lines
              .slice(0, takesTogether)
              .map((line) => `${line}\r\n`)
              .join(''),
            'latin1',
          );
    if (takesTogether === 'drop') say('drop');
  }

  function work(): void {
    loseTogether();
    for (;;) {
      if (mode === 'data') {
        if (!takeData()) return;
        continue;
      }
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = buffer.subarray(0, end).toString('utf8');
      buffer = buffer.subarray(end + 2);
      state.commands.push(line);
      if (mode === 'auth') continueAuth(line);
      else command(line);
    }
  }

  function takeData(): boolean {
    const { duringData } = state.script;
    if (duringData !== undefined && buffer.length >= duringData.octets) {
      buffer = Buffer.alloc(0);
      say(duringData.say);
      return false;
    }
    const end = buffer.indexOf('\r\n.\r\n');
    const isEmpty = buffer.subarray(0, 3).equals(Buffer.from('.\r\n'));
    if (end < 0 && !isEmpty) return false;
    const wire = isEmpty ? Buffer.alloc(0) : buffer.subarray(0, end + 2);
    buffer = buffer.subarray(isEmpty ? 3 : end + 5);
    mode = 'command';
    const message = { from, to: [...to], bytes: unstuff(wire) };
    state.messages.push(message);
    const { finalDot = '250 2.0.0 taken' } = state.script;
    const reply = typeof finalDot === 'function' ? finalDot(message) : finalDot;
    if (typeof reply === 'string' && reply.startsWith('2')) state.accepted.push(message);
    from = '';
    to = [];
    if (state.script.finalDotAfter !== undefined) {
      void state.script.finalDotAfter.then(() => say(reply));
      return true;
    }
    const delayMs = state.script.finalDotDelayMs?.() ?? 0;
    if (delayMs === 0) say(reply);
    else setTimeout(() => say(reply), delayMs);
    return true;
  }

  function command(line: string): void {
    const { script } = state;
    const verb = line.split(/[\s:]/, 1)[0]?.toUpperCase() ?? '';
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        say((verb === 'HELO' ? script.helo : undefined) ?? script.ehlo ?? politeEhlo(script.offers ?? []));
        break;
      case 'STARTTLS':
        startTls();
        break;
      case 'AUTH':
        beginAuth(line);
        break;
      case 'MAIL': {
        const { mail = '250 2.1.0 sender fine' } = script;
        const reply = typeof mail === 'function' ? mail(between(line)) : mail;
        if (isTwo(reply)) from = between(line);
        say(reply);
        break;
      }
      case 'RCPT': {
        const mailbox = between(line);
        const reply =
          from === '' && !/<>/.test(line) && script.mail !== undefined ? '503 5.5.1 MAIL first' : rcptReply(mailbox);
        if (isTwo(reply)) to.push(mailbox);
        say(reply);
        break;
      }
      case 'DATA': {
        const told = typeof script.data === 'function' ? script.data({ from, to: [...to] }) : script.data;
        const reply = told ?? (to.length === 0 ? '554 5.5.1 no valid recipients' : '354 go on');
        if (say(reply) && String(reply).startsWith('354')) mode = 'data';
        break;
      }
      case 'RSET':
        from = '';
        to = [];
        say(script.rset ?? '250 2.0.0 reset');
        break;
      case 'NOOP':
        say('250 2.0.0 here');
        break;
      case 'QUIT':
        say('221 2.0.0 bye');
        stream.end();
        break;
      default:
        say('500 5.5.2 what');
    }
  }

  function rcptReply(mailbox: string): Line {
    const { rcpt } = state.script;
    if (rcpt === undefined) return '250 2.1.5 recipient fine';
    if (typeof rcpt === 'function') return rcpt(mailbox);
    if (typeof rcpt === 'string' || isLines(rcpt)) return rcpt;
    return rcpt[mailbox] ?? '250 2.1.5 recipient fine';
  }

  function beginAuth(line: string): void {
    const [, mechanism = '', initial] = line.split(' ');
    authSteps =
      mechanism === 'LOGIN'
        ? ['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6']
        : mechanism === 'CRAM-MD5'
          ? [state.script.challenge ?? `334 ${btoa('<1@here>')}`]
          : [];
    if (initial !== undefined && mechanism === 'LOGIN') authSteps.shift();
    mode = 'auth';
    nextAuthStep();
  }

  function continueAuth(_line: string): void {
    nextAuthStep();
  }

  function nextAuthStep(): void {
    const step = authSteps.shift();
    if (step !== undefined) {
      say(step);
      return;
    }
    mode = 'command';
    say(state.script.auth ?? '235 2.7.0 welcome');
  }

  function startTls(): void {
    const { script } = state;
    const reply = script.starttls ?? (script.secureContext === undefined ? '502 5.5.1 not here' : '220 go ahead');
    if (script.injectAfterStartTls !== undefined && typeof reply === 'string') {
      stream.write(`${reply}\r\n${script.injectAfterStartTls}`);
    } else if (!say(reply)) return;
    if (isTwo(reply) && script.secureContext !== undefined) upgrade(script.secureContext);
  }

  function upgrade(secureContext: SecureContext): void {
    plain.removeAllListeners('data');
    isSecure = true;
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    stream = secure;
    listen(secure);
  }

  if (state.script.implicitTls === true && state.script.secureContext !== undefined)
    upgrade(state.script.secureContext);
  else listen(plain);
  say(state.script.greeting ?? '220 scripted.example ESMTP');
}

function politeEhlo(offers: readonly string[]): string[] {
  const lines = ['scripted.example', ...offers];
  return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`);
}

function isTwo(line: Line): boolean {
  return String(line).startsWith('2');
}

function isTorn(line: Line): line is Torn {
  return typeof line === 'object' && 'torn' in line;
}

function isLines(rcpt: Script['rcpt']): rcpt is readonly string[] {
  return Array.isArray(rcpt);
}

function between(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

function unstuff(wire: Buffer): Buffer {
  return Buffer.from(wire.toString('latin1').replace(/(^|\r\n)\.\./g, '$1.'), 'latin1');
}
