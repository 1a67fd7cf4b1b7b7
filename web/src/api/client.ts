/** One request to the API: the session cookie rides along, the CSRF cookie is echoed, errors become `Problem`. */

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Record<string, unknown> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message)
  }

  /** Nothing came back: the network or the app is away. */
  get offline(): boolean {
    return this.status === 0
  }
}

const REQUEST_TIMEOUT_MS = 10_000

export function csrfToken(cookies: string = document.cookie): string | null {
  const found = /(?:^|;\s*)yian_csrf=([^;]+)/.exec(cookies)
  return found?.[1] ? decodeURIComponent(found[1]) : null
}

interface RequestOptions {
  body?: unknown
  /** The same key for the retries of one intent, so that it has its effect once. */
  idempotencyKey?: string
}

function headersOf(method: string, options: RequestOptions): Headers {
  const headers = new Headers({ Accept: 'application/json' })
  if (options.body !== undefined) headers.set('Content-Type', 'application/json')
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  const token = method === 'GET' ? null : csrfToken()
  if (token) headers.set('X-CSRF-Token', token)
  return headers
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>
  const retry = Number(body['retry_after_seconds'] ?? response.headers.get('Retry-After'))
  return new Problem(
    response.status,
    typeof body['code'] === 'string' ? body['code'] : `http.${response.status}`,
    [body['detail'], body['title']].find((words) => typeof words === 'string') ?? response.statusText,
    body,
    Number.isFinite(retry) && retry > 0 ? retry : null,
  )
}

/** @returns the parsed body, or null for 204. */
async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: headersOf(method, options),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })
  } catch (cause) {
    throw new Problem(0, 'network.unreachable', String(cause))
  }
  if (!response.ok) throw await problemOf(response)
  return (response.status === 204 ? null : await response.json()) as T
}

export const api = {
  get: <T>(path: string): Promise<T> => request<T>('GET', path),
  post: <T>(path: string, body: unknown = {}, idempotencyKey: string = newKey()): Promise<T> =>
    request<T>('POST', path, { body, idempotencyKey }),
  delete: (path: string): Promise<null> => request<null>('DELETE', path),
}

/** `crypto.randomUUID` exists only on https and localhost; an operator's desk may use neither. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
