import './ui/tokens.css'
import './ui/styles.css'

import { createApp } from 'vue'

import App from './App.vue'
import { i18n, speak } from './i18n'
import { router } from './router'
import { prefs } from './ui/prefs'
import { watchTheme } from './ui/theme'

speak(prefs.locale)
watchTheme()
createApp(App).use(i18n).use(router).mount('#app')
