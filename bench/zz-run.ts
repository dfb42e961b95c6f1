import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { blackHole, refusingPort } from './dead-servers.ts';
import { startSink } from './sink.ts';

const sink = await startSink();
const hole = await blackHole();
for (let i = 0; i < 3; i += 1)
  for (const dead of [[], [await refusingPort(), hole.port]]) {
    const d = mkdtempSync('/tmp/lead/zz-');
    console.log(
      dead.length,
      execFileSync(process.execPath, ['bench/zz-dead.ts', d, String(sink.port), '1000', ...dead.map(String)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }).toString(),
    );
    rmSync(d, { recursive: true });
  }
sink.stop();
hole.stop();
process.exit(0);
