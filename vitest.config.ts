import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { moveToMemoryDisk } from './scripts/lib/memory-disk.ts';

// Hundreds of tests start the store's worker and the command: Node keeps what it made of the sources, by their content.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compile');
moveToMemoryDisk();

export default defineConfig({
  test: {
    // Every core: most tests wait for disks and sockets.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src-*,scripts,bench}/**/*.test.{ts,tsx}'],
          globalSetup: ['scripts/bundle-workers.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
          testTimeout: 30_000,
          // The tokens' test reads the style sheet itself.
          css: true,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['src-main/**/*.integration.test.ts'],
          globalSetup: ['scripts/build-for-tests.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
