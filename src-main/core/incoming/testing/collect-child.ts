// A process of its own that collects one maildrop into a profile with the real store, to be killed at any moment.
import { z } from 'zod';
import { collectMaildrop } from '../collect-maildrop.ts';
import { accountAt, realClock } from './maildrops.ts';
import { openRealStore } from './real-store.ts';

const { port, profileDir, retention } = z
  .object({ port: z.number(), profileDir: z.string(), retention: z.object({ kind: z.enum(['delete', 'leave']) }) })
  .parse(JSON.parse(process.argv[2] ?? ''));

const store = await openRealStore(profileDir);
const result = await collectMaildrop({
  account: accountAt(port, { retention }),
  credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
  store,
  clock: realClock,
  signal: new AbortController().signal,
});
await store.close();
process.stdout.write(JSON.stringify(result));
