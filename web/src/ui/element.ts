/** Element Plus in our colours and in the page's language: for desk areas only, a phone page does not carry it. */
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-dropdown.css'
import 'element-plus/theme-chalk/el-dropdown-item.css'
import 'element-plus/theme-chalk/el-dropdown-menu.css'
import 'element-plus/theme-chalk/el-input.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-popper.css'
import 'element-plus/theme-chalk/el-switch.css'
import './element.css'

import { localeContextKey } from 'element-plus'
import elementEn from 'element-plus/es/locale/lang/en'
import elementZh from 'element-plus/es/locale/lang/zh-cn'
import { computed, provide } from 'vue'

import { prefs } from './prefs'

/** Called by a page that holds parts of Element Plus. */
export function provideElementLocale(): void {
  provide(localeContextKey, computed(() => (prefs.locale === 'en' ? elementEn : elementZh)))
}
