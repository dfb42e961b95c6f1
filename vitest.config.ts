import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Every core: most tests wait for disks and sockets.
    maxWorkers: '100%',
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
