import type { RouteRecordRaw } from 'vue-router'

const meta = { roles: ['family'] }
const area = () => import('./area')
const ordering = () => import('./ordering')
const recurring = () => import('./recurring')

export const routes: RouteRecordRaw[] = [
  { path: '/family', component: async () => (await area()).FamilyPage, meta },
  { path: '/family/grants', component: async () => (await area()).GrantsPage, meta },
  { path: '/family/grants/ask', component: async () => (await area()).AskPage, meta },
  { path: '/family/elders/:elderId/services', component: async () => (await ordering()).ServicesPage, props: true, meta },
  { path: '/family/elders/:elderId/services/:code', component: async () => (await ordering()).TimePage, props: true, meta },
  { path: '/family/elders/:elderId/services/:code/confirm', component: async () => (await ordering()).ConfirmPage, props: true, meta },
  { path: '/family/elders/:elderId/services/:code/weekly', component: async () => (await recurring()).WeeklyPage, props: true, meta },
  { path: '/family/series/:seriesId', component: async () => (await recurring()).SeriesPage, props: true, meta },
  { path: '/family/series/:seriesId/change', component: async () => (await recurring()).SeriesChangePage, props: true, meta },
  { path: '/family/elders/:elderId/life', component: async () => (await recurring()).LifePage, props: true, meta },
  { path: '/family/elders/:elderId/meals', component: async () => (await ordering()).MealsPage, props: true, meta },
  { path: '/family/elders/:elderId/meals/confirm', component: async () => (await ordering()).MealConfirmPage, props: true, meta },
  { path: '/family/elders/:elderId/meals/weekly', component: async () => (await recurring()).MealsWeeklyPage, props: true, meta },
  { path: '/family/elders/:elderId/orders', component: async () => (await ordering()).OrdersPage, props: true, meta },
  { path: '/family/orders/:orderId', component: async () => (await ordering()).OrderPage, props: true, meta },
  { path: '/family/orders/:orderId/cancel', component: async () => (await recurring()).CancelPage, props: true, meta },
  { path: '/family/orders/:orderId/time', component: async () => (await recurring()).MovePage, props: true, meta },
  { path: '/family/orders/:orderId/problem', component: async () => (await recurring()).ProblemPage, props: true, meta },
]
