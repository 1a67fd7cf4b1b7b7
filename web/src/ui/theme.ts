/** Dark or light: the person's choice, else what suits the page. */
import { computed, ref, watchEffect } from 'vue'

import { prefs, type Theme } from './prefs'
import { printing, watchPrinting } from './printing'

const suits = ref<Theme>('light')

export const theme = computed<Theme>(() => (printing.value ? 'light' : (prefs.theme ?? suits.value)))

/** The router says which theme suits the page being shown. */
export function suitTheme(value: Theme): void {
  suits.value = value
}

export function toggleTheme(): void {
  prefs.theme = theme.value === 'dark' ? 'light' : 'dark'
}

export function watchTheme(): void {
  watchPrinting()
  watchEffect(() => {
    document.documentElement.dataset['theme'] = theme.value
  })
}

/** A token's value as it is now: for the chart and the map, which cannot read custom properties. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
