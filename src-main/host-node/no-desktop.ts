import type { Desktop } from '../core/ports.ts';

/** What runs without a face has no desktop to ask: every capability is missing. */
export const noDesktop: Desktop = {
  capabilities: {
    host: 'command',
    chooseFolder: false,
    chooseFile: false,
    openPath: false,
    openExternal: false,
    notify: false,
  },
};
