import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `vite` (the development server) finds the API: `npm run mock` or a running keyward. */
const api = process.env['KEYWARD_API'] ?? 'http://127.0.0.1:8787';

export default defineConfig({
  plugins: [react()],
  resolve: {
    // TypeScript sources of the workspace, so that a build needs no other build before it.
    conditions: ['keyward-source', 'module', 'browser', 'development|production'],
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Strict CSP: no inline script, no data: script; small assets stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: '127.0.0.1', proxy: { '/v1': { target: api, changeOrigin: false } } },
});
