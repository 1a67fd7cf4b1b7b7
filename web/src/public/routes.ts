import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [{ path: '/stars', component: async () => (await area()).PublicStars, meta: { open: true } }]
