import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')
const figures = () => import('./figures/area')

export const routes: RouteRecordRaw[] = [
  {
    path: '/regulator',
    component: async () => (await area()).RegulatorFrame,
    meta: { roles: ['regulator'] },
    children: [
      { path: '', redirect: '/regulator/providers' },
      { path: 'providers', component: async () => (await area()).ProviderList },
      { path: 'providers/new', component: async () => (await area()).ProviderEditPage },
      { path: 'providers/:providerId', component: async () => (await area()).ProviderPage },
      { path: 'providers/:providerId/edit', component: async () => (await area()).ProviderEditPage },
      { path: 'figures', component: async () => (await figures()).FiguresPage },
      { path: 'figures/:figure', component: async () => (await figures()).FigurePage },
      { path: 'reach', component: async () => (await figures()).ReachPage },
      { path: 'stars', component: async () => (await area()).StarsPage },
      { path: 'stars/:providerId', component: async () => (await area()).StarPage },
      { path: 'grants', component: async () => (await area()).GrantList },
      { path: 'rules', component: async () => (await area()).CityRulesPage },
      { path: 'awards', component: async () => (await area()).AwardsPage },
      { path: 'schemes', component: async () => (await area()).SchemesPage },
      { path: 'schemes/new', component: async () => (await area()).SchemePage },
      { path: 'schemes/:code', component: async () => (await area()).SchemePage },
      { path: 'catalogue', component: async () => (await area()).CataloguePage },
      { path: 'catalogue/new', component: async () => (await area()).ServicePage },
      { path: 'catalogue/:code', component: async () => (await area()).ServicePage },
    ],
  },
]
