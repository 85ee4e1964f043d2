// Builds the console into `dist/`, which the gateway serves. Every address in it is relative, so that it works below a sub-path.
import { join } from 'node:path'
import { defineConfig } from 'vite'
import { docs } from './build/docs.ts'
import { isUsed, type SelectorPart, usedWords } from './build/used-css.ts'

const root = import.meta.dirname
const words = usedWords(join(root, 'src'))

export default defineConfig({
  root,
  base: './',
  publicDir: false,
  clearScreen: false,
  plugins: [docs(join(root, '../../../docs'))],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  css: {
    transformer: 'lightningcss',
    lightningcss: {
      visitor: {
        Rule: {
          style(rule) {
            return rule.value.selectors.some((selector) =>
              isUsed(selector as unknown as readonly SelectorPart[], words),
            )
              ? undefined
              : []
          },
        },
      },
    },
  },
  build: {
    // `/assets/…` are pages.
    assetsDir: 'static',
    assetsInlineLimit: 0,
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
    target: ['chrome115', 'firefox115', 'safari16.4'],
    reportCompressedSize: true,
    rolldownOptions: {
      // The libraries' modules do nothing by being loaded: what the filter language does not use (zod, CBOR) stays out.
      treeshake: { moduleSideEffects: (id) => !/\/libs\/[^/]+\/src\//.test(id) },
    },
  },
})
