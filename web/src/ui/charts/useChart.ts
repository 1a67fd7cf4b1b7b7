/** A chart in a box: made when the box is there, drawn anew when what it shows or the theme changes, as wide as the box. */
import { init, type ECharts } from 'echarts/core'
import { onBeforeUnmount, onMounted, watch, type Ref, type WatchSource } from 'vue'

import { theme } from '../theme'

/** @param shown what the drawing depends on, beside the theme */
export function useChart(box: Readonly<Ref<HTMLElement | null>>, shown: WatchSource[], draw: (chart: ECharts) => void): void {
  let chart: ECharts | null = null
  let watchSize: ResizeObserver | null = null

  onMounted(() => {
    if (!box.value) return
    chart = init(box.value)
    draw(chart)
    watchSize = new ResizeObserver(() => chart?.resize())
    watchSize.observe(box.value)
  })
  watch([...shown, theme], () => chart && draw(chart), { flush: 'post' })
  onBeforeUnmount(() => {
    watchSize?.disconnect()
    chart?.dispose()
  })
}
