import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')
const beside = () => import('./beside')
const meta = { roles: ['operator', 'supervisor'], theme: 'dark' } as const

export const routes: RouteRecordRaw[] = [
  { path: '/shift', component: async () => (await area()).ShiftPage, meta },
  {
    path: '/console/grants',
    component: async () => (await beside()).GrantsFrame,
    meta: { roles: ['operator', 'supervisor'] },
    children: [{ path: '', component: async () => (await beside()).GrantList }],
  },
  {
    path: '/console',
    component: async () => (await area()).ConsolePage,
    meta,
    // A page that has just been loaded may not sound: without the gesture an alarm would be silent.
    beforeEnter: async (to) => (await area()).ringer.unlocked || { path: '/shift', query: to.query },
  },
]
