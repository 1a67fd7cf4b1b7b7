/** Who may import whom. From the top: the router, the areas, `ui`, then `api` and `i18n`, which know nothing of the pages. */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'areas-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/(?!(?:ui|api|i18n)/)([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/$1/', '^src/(?:ui|api|i18n)/'] },
    },
    {
      name: 'ui-knows-no-area',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^src/', pathNot: '^src/(?:ui|api|i18n)/' },
    },
    {
      name: 'api-and-words-stand-below',
      severity: 'error',
      from: { path: '^src/(api|i18n)/' },
      to: { path: '^src/', pathNot: '^src/$1/' },
    },
    {
      name: 'the-router-knows-only-the-routes-of-an-area',
      comment: 'Anything else would load the area before it is asked for.',
      severity: 'error',
      from: { path: '^src/[^/]+$' },
      to: { path: '^src/(?!(?:ui|api|i18n)/)[^/]+/', pathNot: '/routes\\.ts$' },
    },
    {
      name: 'phones-carry-no-desk-parts',
      severity: 'error',
      from: { path: '^src/(?:family|worker|entry)/' },
      to: { path: ['^src/ui/(?:element|charts|map/PlaceMap)', 'node_modules/(?:element-plus|echarts|maplibre-gl)/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.vue', '.d.ts', '.js'] },
  },
}
