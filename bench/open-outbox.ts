// Opens a core on PROFILE, whose outbox waits with sending paused, and lets it go. Prints as JSON the seconds from the
// opening until the outbox was listed, and until a server took the first message. Argument: PROFILE.
import { benchCore } from './core.ts';

const [profileDir = ''] = process.argv.slice(2);
const begin = performance.now();
const since = (): number => (performance.now() - begin) / 1000;
const { core, api } = await benchCore(profileDir);
const accepted = new Promise<number>((resolve) => {
  api.on('outbox.attempting', ({ attempt }) => {
    if (attempt.outcome === 'accepted') resolve(since());
  });
});
await api.call('settings.setPreferences', { sendingPaused: false });
await core.start();
// A screen asks as soon as it is there.
const items = await api.call('outbox.list', { light: true });
const listedSeconds = since();
const firstSeconds = await accepted;
console.log(
  JSON.stringify({ firstSeconds, listedSeconds, items: items.length, listOctets: JSON.stringify(items).length }),
);
// What is still waiting is of no interest.
process.exit(0);
