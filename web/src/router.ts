import { createRouter, createWebHistory } from 'vue-router'

import { ringer } from '@/console/ringer'
import { currentAccount } from '@/session'
import { suitTheme } from '@/theme'

const DESK_ROLES = new Set(['operator', 'supervisor'])

/** Where a role's work begins. */
export function homeOf(role: string): string {
  if (DESK_ROLES.has(role)) return '/console'
  return role === 'family' ? '/family' : '/welcome'
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/console' },
    { path: '/login', component: () => import('@/pages/LoginPage.vue'), meta: { open: true } },
    { path: '/shift', component: () => import('@/pages/ShiftPage.vue'), meta: { desk: true, dark: true } },
    { path: '/console', component: () => import('@/console/ConsolePage.vue'), meta: { desk: true, dark: true } },
    { path: '/family', component: () => import('@/pages/FamilyPage.vue') },
    { path: '/welcome', component: () => import('@/pages/WelcomePage.vue') },
    { path: '/:rest(.*)*', component: () => import('@/pages/NotFoundPage.vue'), meta: { open: true } },
  ],
})

router.beforeEach(async (to) => {
  suitTheme(to.meta['dark'] ? 'dark' : 'light')
  if (to.meta['open']) return true
  const account = await currentAccount()
  if (!account) return { path: '/login', query: to.path === '/console' ? {} : { next: to.fullPath } }
  if (to.meta['desk'] && !DESK_ROLES.has(account.role)) return homeOf(account.role)
  // A page that has just been loaded may not sound: without the gesture an alarm would be silent.
  if (to.path === '/console' && !ringer.unlocked) return '/shift'
  return true
})
