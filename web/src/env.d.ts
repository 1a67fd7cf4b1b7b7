/// <reference types="vite/client" />
import 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Anybody may see it, signed in or not. */
    open?: true
    /** Absent: every role. */
    roles?: readonly string[]
    /** It works without network, for whoever is kept on this phone. */
    offline?: true
    /** What suits the page, where the person has not chosen. Absent: light. */
    theme?: 'dark' | 'light'
  }
}
