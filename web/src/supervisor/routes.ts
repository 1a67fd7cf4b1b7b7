import type { RouteRecordRaw } from 'vue-router'

const area = () => import('./area')
const duty = () => import('./duty/area')

export const routes: RouteRecordRaw[] = [
  {
    path: '/supervisor',
    component: async () => (await area()).SupervisorFrame,
    meta: { roles: ['supervisor'] },
    children: [
      { path: '', redirect: '/supervisor/elders' },
      { path: 'duty', component: async () => (await duty()).DutyPage, meta: { wide: true } },
      { path: 'elders', component: async () => (await area()).ElderList },
      { path: 'elders/new', component: async () => (await area()).RegisterPage },
      { path: 'elders/sheet', component: async () => (await area()).ElderSheet },
      { path: 'elders/:elderId', component: async () => (await area()).ElderPage },
      { path: 'elders/:elderId/edit', component: async () => (await area()).EditPage },
      { path: 'rules', component: async () => (await area()).CityRulesPage },
      { path: 'grants', component: async () => (await area()).GrantList },
      { path: 'escalation', component: async () => (await area()).EscalationPlans },
      { path: 'escalation/new', component: async () => (await area()).EscalationPlanPage },
      { path: 'escalation/:planId', component: async () => (await area()).EscalationPlanPage },
      { path: 'devices', component: async () => (await area()).DeviceList },
      { path: 'devices/:deviceId', component: async () => (await area()).DevicePage },
    ],
  },
]
