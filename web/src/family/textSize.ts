import { remembered } from '@/ui/remembered'

/** Pixels of the text that is read; everything else on the page follows it. */
export const TEXT_SIZES = [18, 22, 26, 30] as const

export const reading = remembered<{ size: (typeof TEXT_SIZES)[number] }>('yian.reading', { size: 18 })
