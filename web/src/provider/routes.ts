import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')

export const routes: RouteRecordRaw[] = [
  {
    path: '/provider',
    component: async () => (await area()).ProviderFrame,
    meta: { roles: ['provider'] },
    children: [
      { path: '', redirect: '/provider/shifts' },
      { path: 'orders', component: async () => (await area()).OrderList },
      { path: 'shifts', component: async () => (await area()).ShiftWeek },
      { path: 'shifts/:workerId', component: async () => (await area()).SchedulePage },
      { path: 'staff', component: async () => (await area()).StaffList },
      { path: 'staff/new', component: async () => (await area()).WorkerEditPage },
      { path: 'staff/sheet', component: async () => (await area()).StaffSheet },
      { path: 'staff/:workerId', component: async () => (await area()).WorkerPage },
      { path: 'staff/:workerId/edit', component: async () => (await area()).WorkerEditPage },
      { path: 'offers', component: async () => (await area()).OfferList },
      { path: 'offers/:code', component: async () => (await area()).OfferPage },
      { path: 'kitchens', component: async () => (await area()).KitchenList },
      { path: 'kitchens/new', component: async () => (await area()).KitchenEditPage },
      { path: 'kitchens/:kitchenId', component: async () => (await area()).MenuWeek },
      { path: 'kitchens/:kitchenId/edit', component: async () => (await area()).KitchenEditPage },
      { path: 'kitchens/:kitchenId/dishes', component: async () => (await area()).DishList },
      { path: 'stars', component: async () => (await area()).OwnStars },
      { path: 'certificates', component: async () => (await area()).CertificateList },
    ],
  },
]
