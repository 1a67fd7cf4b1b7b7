import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [
  {
    path: '/board',
    component: async () => (await area()).BoardFrame,
    meta: { roles: ['operator', 'supervisor'] },
    children: [
      { path: '', redirect: '/board/day' },
      { path: 'day', component: async () => (await area()).BoardPage },
      { path: 'phone', component: async () => (await area()).PhonePage },
    ],
  },
]
