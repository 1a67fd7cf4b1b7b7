import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [
  { path: '/login', component: async () => (await area()).LoginPage, meta: { open: true } },
  { path: '/welcome', component: async () => (await area()).WelcomePage },
  { path: '/:rest(.*)*', component: async () => (await area()).NotFoundPage, meta: { open: true } },
]
