import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

import { budgets } from './budgets.ts'
import { preloads } from './preloads.ts'
import { shell } from './shell/plugin.ts'

/** Where `npm run dev` sends API calls: that of `yian up`. */
const app = process.env['YIAN_DEV_APP'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), budgets(), preloads(), shell()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': { target: app, ws: true } } },
  // Parts of vue-i18n that these pages do not use.
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_I18N_FULL_INSTALL__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    chunkSizeWarningLimit: 1200,
    // On a slow line each file costs a round trip: what every page needs is one, and so are small parts that pages share.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'] },
            { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 3_000 },
          ],
        },
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
})
