import { SMTPServer } from 'smtp-server';

/** An outgoing server that takes everything and keeps it. */
export interface Sink {
  readonly port: number;
  readonly taken: { readonly to: readonly string[]; readonly bytes: Buffer }[];
  stop(): Promise<void>;
}

/** Starts a sink on a free port of loopback, or on one given, without TLS and without AUTH. `name`: what it calls itself. */
export async function startSink(options: { port?: number; name?: string } = {}): Promise<Sink> {
  const taken: { to: string[]; bytes: Buffer }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    ...(options.name === undefined ? {} : { name: options.name }),
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.push({ to: envelope.rcptTo.map(({ address }) => address), bytes: Buffer.concat(chunks) });
        done();
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return { port, taken, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}
