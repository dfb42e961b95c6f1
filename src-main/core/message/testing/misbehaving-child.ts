// A child that does to order what a parser does to a hostile message: hangs, dies, eats memory, or talks nonsense.
const send = (reply: unknown) => process.send?.(reply);

process.on('message', (request: { id: number; bytes: Uint8Array }) => {
  const order = Buffer.from(request.bytes).toString('latin1').split('\r\n\r\n').at(-1) ?? '';
  if (order.startsWith('hang')) for (;;);
  if (order.startsWith('die')) process.exit(3);
  if (order.startsWith('eat')) {
    const eaten: Buffer[] = [];
    for (;;) eaten.push(Buffer.alloc(16 * 1024 * 1024, 1));
  }
  if (order.startsWith('babble')) send({ kind: 'message', id: request.id, message: 'not a message' });
  else send({ kind: 'failed', id: request.id, reason: `pid ${process.pid}` });
});
send({ kind: 'ready' });
