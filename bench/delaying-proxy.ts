// Stands between a client and 127.0.0.1:PORT and holds every octet back for half of ROUND_TRIP_MS in each direction, as
// a long way does. Prints its own port. What a real way also has, a slow start and losses, it leaves out for everybody.
import { connect, createServer, type Socket } from 'node:net';

const [port = '', roundTripMs = ''] = process.argv.slice(2);
const onTheWayMs = Number(roundTripMs) / 2;

function carry(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    setTimeout(() => {
      if (to.destroyed) return;
      if (!to.write(chunk)) from.pause();
    }, onTheWayMs);
  });
  to.on('drain', () => from.resume());
  from.on('end', () => setTimeout(() => to.end(), onTheWayMs));
  from.on('error', () => to.destroy());
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  // Connecting takes a round trip too: what the client sends before that waits.
  client.pause();
  const upstream = connect({ host: '127.0.0.1', port: Number(port), noDelay: true, allowHalfOpen: true });
  setTimeout(() => {
    carry(client, upstream);
    carry(upstream, client);
    client.resume();
  }, onTheWayMs);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
