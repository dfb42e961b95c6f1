import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Hundreds of tests start the store's worker and the command: Node keeps what it made of the sources, by their content.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compile');

export default defineConfig({
  test: {
    // One more than there are cores on a small machine: most tests wait for disks and sockets.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src-*,scripts,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
          testTimeout: 15_000,
          // The tokens' test reads the style sheet itself.
          css: true,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['src-main/**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
