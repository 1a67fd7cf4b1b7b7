import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-dropdown.css'
import 'element-plus/theme-chalk/el-dropdown-item.css'
import 'element-plus/theme-chalk/el-dropdown-menu.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-popper.css'
import 'element-plus/theme-chalk/el-switch.css'
import './tokens.css'
import './element.css'
import './styles.css'

import { createApp } from 'vue'

import App from './App.vue'
import { i18n, setLocale } from './i18n'
import { prefs } from './prefs'
import { router } from './router'
import { watchTheme } from './theme'

setLocale(prefs.locale)
watchTheme()
createApp(App).use(i18n).use(router).mount('#app')
