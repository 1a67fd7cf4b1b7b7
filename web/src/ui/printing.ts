/** A page on paper: light, and what is folded away and marked `data-printed` is open. */
import { ref } from 'vue'

export const printing = ref(false)

export function watchPrinting(): void {
  let opened: HTMLDetailsElement[] = []
  window.addEventListener('beforeprint', () => {
    printing.value = true
    opened = [...document.querySelectorAll<HTMLDetailsElement>('details[data-printed]:not([open])')]
    for (const one of opened) one.open = true
  })
  window.addEventListener('afterprint', () => {
    printing.value = false
    for (const one of opened) one.open = false
  })
}
