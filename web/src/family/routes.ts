import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [
  { path: '/family', component: async () => (await area()).FamilyPage, meta: { roles: ['family'] } },
  { path: '/family/grants', component: async () => (await area()).GrantsPage, meta: { roles: ['family'] } },
  { path: '/family/grants/ask', component: async () => (await area()).AskPage, meta: { roles: ['family'] } },
]
