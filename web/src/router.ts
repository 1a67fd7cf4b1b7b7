/** Which areas there are, who may enter a page, and where a role's work begins. The only place that knows every area. */
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { currentAccount } from '@/api/session'
import { routes as board } from '@/board/routes'
import { routes as console } from '@/console/routes'
import { routes as entry } from '@/entry/routes'
import { routes as family } from '@/family/routes'
import { routes as provider } from '@/provider/routes'
import { routes as open } from '@/public/routes'
import { routes as regulator } from '@/regulator/routes'
import { routes as supervisor } from '@/supervisor/routes'
import { suitTheme } from '@/ui/theme'
import { routes as worker } from '@/worker/routes'

const HOMES: Record<string, string> = { operator: '/console', supervisor: '/console', family: '/family', regulator: '/regulator', provider: '/provider', worker: '/worker' }

export const router = createRouter({
  history: createWebHistory(),
  routes: [{ path: '/', component: { render: () => null } }, ...console, ...board, ...supervisor, ...regulator, ...provider, ...family, ...worker, ...open, ...entry],
})

/** While the platform says who asks. What fails here is said when the page is opened. */
function fetchPage(to: RouteLocationNormalized): void {
  for (const { components } of to.matched) {
    const page: unknown = components?.['default']
    if (typeof page === 'function') void Promise.resolve((page as () => unknown)()).catch(() => null)
  }
}

router.beforeEach(async (to) => {
  suitTheme(to.meta.theme ?? 'light')
  if (to.meta.open) return true
  fetchPage(to)
  const account = await currentAccount(to.meta.offline)
  if (!account) return { path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } }
  if (to.path === '/' || (to.meta.roles && !to.meta.roles.includes(account.role))) return HOMES[account.role] ?? '/welcome'
  return true
})
