import { remembered } from '@/ui/remembered'

interface DeskPrefs {
  /** 0.15 to 1. */
  volume: number
  singleKeys: boolean
  /** A key that calls also dials, through the softphone of this machine. */
  softphone: boolean
  /** RFC 3339, and whose shift it is. */
  shift: { account: string; since: string } | null
}

export const deskPrefs = remembered<DeskPrefs>('yian.desk', { volume: 0.7, singleKeys: true, softphone: false, shift: null })
