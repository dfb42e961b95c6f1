import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createResources } from '../../host-node/resources.ts';
import type { Resources } from '../ports.ts';

const files = createResources();

/** The program's files, with its workers as the run of the tests bundled them (`scripts/bundle-workers.ts`); from their sources where none did. */
export const testResources: Resources = {
  asset: files.asset,
  worker(name) {
    const bundled = process.env.POSTRIDER_TEST_WORKERS;
    return bundled === undefined ? files.worker(name) : pathToFileURL(join(bundled, `${name}.js`));
  },
};
