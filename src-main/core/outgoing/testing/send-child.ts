// A process that sends what the outbox holds, to be killed at any moment. Argument: the profile's folder.

import { openOutbox } from './outbox-harness.ts';
import { systemClockForTests } from './plain-clock.ts';

const [profileDir] = process.argv.slice(2);
const box = await openOutbox({ profileDir, clock: systemClockForTests });
await box.outbox.startSchedule();
process.stdout.write('started\n');
await box.flush();
process.stdout.write('done\n');
setInterval(() => undefined, 1000);
