import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/family', component: async () => (await import('./area')).FamilyPage, meta: { roles: ['family'] } },
]
