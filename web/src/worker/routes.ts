import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [
  {
    path: '/worker',
    component: async () => (await area()).WorkerFrame,
    meta: { roles: ['worker'], offline: true },
    children: [
      { path: '', component: async () => (await area()).TodayPage },
      { path: 'days', component: async () => (await area()).LaterPage },
      { path: 'visits/:visitId', component: async () => (await area()).VisitPage, props: true },
      { path: 'more', component: async () => (await area()).MorePage },
    ],
  },
]
