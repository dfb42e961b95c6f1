import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A port of loopback where connections are refused: taken for a moment and given back. */
export async function refusingPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A port of loopback that answers nothing at all, without needing root: a listening socket whose queue of waiting
 * connections is full and that never accepts, so the system drops every further SYN. Linux only.
 */
export async function blackHole(): Promise<{ port: number; stop(): void }> {
  // Another process, stopped (SIGSTOP) once it listens: Node itself accepts whatever comes.
  const program = `
    const server = require('node:net').createServer();
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      process.send(server.address().port, () => process.kill(process.pid, 'SIGSTOP'));
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [port] = await once(child, 'message');
  if (typeof port !== 'number') throw new Error('The black hole has no port.');
  const fillers = await fillQueue(port);
  return {
    port,
    stop() {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

/** Connects until one gets no answer: from then on nobody does. */
async function fillQueue(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let tries = 0; tries < 64; tries += 1) {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    sockets.push(socket);
    const isAnswered = await Promise.race([once(socket, 'connect').then(() => true), wait(500, false)]);
    if (!isAnswered) return sockets;
  }
  throw new Error('The black hole answers.');
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
