import { connect } from 'node:net';

/**
 * Every message of a maildrop as the server sends it, by a second, naive reader written apart from the product's: it
 * waits for each reply, splits at CRLF, and takes away the doubled dots line by line.
 */
export async function retrieveRaw(port: number, user: string, password: string): Promise<Uint8Array[]> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  let wake = () => {};
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
    wake();
  });
  let failure: Error | null = null;
  const end = (error?: Error) => {
    failure = error ?? new Error('The server hung up.');
    wake();
  };
  socket.on('error', end);
  socket.on('close', () => end());

  async function take(isWhole: () => number): Promise<string> {
    for (;;) {
      const length = isWhole();
      if (length >= 0) {
        const reply = heard.slice(0, length);
        heard = heard.slice(length);
        return reply;
      }
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const statusEnd = () => heard.indexOf('\r\n');
  const line = () => take(() => (statusEnd() < 0 ? -1 : statusEnd() + 2));
  const multi = () =>
    take(() => {
      if (heard.startsWith('-ERR')) return statusEnd() < 0 ? -1 : statusEnd() + 2;
      const at = heard.indexOf('\r\n.\r\n');
      return at < 0 ? -1 : at + 5;
    });
  const say = (text: string) => socket.write(`${text}\r\n`);

  if (!(await oneLine(line)).startsWith('+OK')) throw new Error('No greeting.');
  for (const command of [`USER ${user}`, `PASS ${password}`]) {
    say(command);
    if (!(await oneLine(line)).startsWith('+OK')) throw new Error('Sign-in was refused.');
  }
  say('STAT');
  const count = Number((await oneLine(line)).split(' ')[1]);
  const messages: Uint8Array[] = [];
  for (let number = 1; number <= count; number += 1) {
    say(`RETR ${number}`);
    const reply = await multi();
    const lines = reply.slice(reply.indexOf('\r\n') + 2, -'.\r\n'.length).split('\r\n');
    const text = lines.map((one) => (one.startsWith('.') ? one.slice(1) : one)).join('\r\n');
    messages.push(new Uint8Array(Buffer.from(text, 'latin1')));
  }
  say('QUIT');
  await oneLine(line);
  socket.destroy();
  return messages;
}

async function oneLine(line: () => Promise<string>): Promise<string> {
  return (await line()).trimEnd();
}
