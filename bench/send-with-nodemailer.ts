// Sends COUNT small messages through 127.0.0.1:PORT with nodemailer's own pool of five, from memory, and prints as JSON
// the seconds it took. Arguments: PORT COUNT.
import { createTransport } from 'nodemailer';
import { smallMessage } from './small-message.ts';

const [port = '', count = ''] = process.argv.slice(2);
const messages = Array.from({ length: Number(count) }, (_, index) => smallMessage(index));
const cpuBefore = process.cpuUsage();
const begin = performance.now();
const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: 5,
  maxMessages: Infinity,
  ignoreTLS: true,
});
const envelope = { from: 'bench@example.org', to: ['sink@example.net'] };
await Promise.all(messages.map((raw) => transport.sendMail({ envelope, raw })));
const seconds = (performance.now() - begin) / 1000;
const cpu = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 }));
transport.close();
