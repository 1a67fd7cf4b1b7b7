/** Plays rings with WebAudio: no files. Browsers allow sound only after a gesture: `unlock` must be called in one. */
import type { Ring } from './sound'

const SCHEDULE_EVERY_MS = 200

export class Ringer {
  private context: AudioContext | null = null
  private ring: Ring | null = null
  private volume = 0.8
  private nextAt = 0
  private timer: ReturnType<typeof setInterval> | null = null

  get unlocked(): boolean {
    return this.context?.state === 'running'
  }

  /** @returns whether the browser now lets us sound. */
  async unlock(): Promise<boolean> {
    this.context ??= new AudioContext()
    await this.context.resume().catch(() => undefined)
    this.timer ??= setInterval(() => this.schedule(), SCHEDULE_EVERY_MS)
    return this.unlocked
  }

  /** What should sound from now on; the same ring goes on in its rhythm. */
  set(ring: Ring | null, volume: number): void {
    this.volume = volume
    if (ring?.name === this.ring?.name) return
    this.ring = ring
    this.nextAt = 0
    this.schedule()
  }

  playOnce(ring: Ring, volume: number): void {
    if (this.context) this.play(ring, this.context.currentTime + 0.02, volume)
  }

  private schedule(): void {
    if (!this.context || !this.ring || !this.unlocked) return
    const now = this.context.currentTime
    if (now + SCHEDULE_EVERY_MS / 1000 < this.nextAt) return
    const start = Math.max(now + 0.02, this.nextAt)
    this.play(this.ring, start, this.volume)
    this.nextAt = start + this.ring.every
  }

  private play(ring: Ring, start: number, volume: number): void {
    const context = this.context
    if (!context) return
    for (const tone of ring.tones) {
      const oscillator = context.createOscillator()
      const gain = context.createGain()
      const from = start + tone.at
      oscillator.type = 'triangle'
      oscillator.frequency.value = tone.pitch
      gain.gain.setValueAtTime(0, from)
      gain.gain.linearRampToValueAtTime(volume, from + 0.012)
      gain.gain.setValueAtTime(volume, from + tone.length - 0.03)
      gain.gain.linearRampToValueAtTime(0, from + tone.length)
      oscillator.connect(gain).connect(context.destination)
      oscillator.start(from)
      oscillator.stop(from + tone.length + 0.02)
    }
  }
}

export const ringer = new Ringer()
