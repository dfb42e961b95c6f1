import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the screens. Both hosts serve the result from the root of their own origin. */
export default defineConfig({
  root: 'src-renderer',
  // Icons and the manifest are served beside the page under their own names.
  publicDir: '../assets/web',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: false,
    target: 'chrome130',
    // The polyfill would be an inline script, which the page's policy forbids; every host here preloads by itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096,
    reportCompressedSize: false,
    sourcemap: false,
    // Nothing may be inlined as a data: script or style.
    assetsInlineLimit: 0,
  },
});
