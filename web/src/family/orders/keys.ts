/**
 * One key for each thing that is confirmed: a double tap, a second try after the network broke, even a page that was
 * loaded anew, all say the same key, so that the platform makes one order of them. What is kept does not tell whose it is.
 */
import { newKey } from '@/api/client'

const STORE = 'yian.confirm'

/** FNV-1a over the text, in hexadecimal: to recognise it, not to keep it secret. */
function markOf(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash.toString(16)
}

export interface Shelf {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

export class Keys {
  private readonly keys: Record<string, string>

  constructor(private readonly shelf: Shelf) {
    this.keys = this.read()
  }

  /** The same for the same body until it is `done`. */
  of(body: unknown): string {
    const mark = markOf(JSON.stringify(body))
    const key = (this.keys[mark] ??= newKey())
    this.write()
    return key
  }

  /** It was taken, or refused for good: the same again is another order. */
  done(body: unknown): void {
    delete this.keys[markOf(JSON.stringify(body))]
    this.write()
  }

  private read(): Record<string, string> {
    try {
      return JSON.parse(this.shelf.getItem(STORE) ?? '{}') as Record<string, string>
    } catch {
      return {}
    }
  }

  /** Private windows may refuse to store: then the keys last as long as the page. */
  private write(): void {
    try {
      this.shelf.setItem(STORE, JSON.stringify(this.keys))
    } catch {
      return
    }
  }
}
