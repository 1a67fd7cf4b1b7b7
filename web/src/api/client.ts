/** The API, typed by its document: the session cookie rides along, the CSRF cookie is echoed, errors become `Problem`. */
import createClient, { type Middleware } from 'openapi-fetch'

import type { paths } from './schema'

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
/** A photo from a telephone over a slow line, a sheet of ten thousand rows. */
const UPLOAD_TIMEOUT_MS = 120_000

export function csrfToken(cookies: string = document.cookie): string | null {
  const found = /(?:^|;\s*)yian_csrf=([^;]+)/.exec(cookies)
  return found?.[1] ? decodeURIComponent(found[1]) : null
}

const echoCsrf: Middleware = {
  onRequest({ request }) {
    const token = request.method === 'GET' ? null : csrfToken()
    if (token) request.headers.set('X-CSRF-Token', token)
    return request
  },
}

async function within(request: Request): Promise<Response> {
  const carriesFile = /^(image\/|text\/csv|application\/vnd\.)/.test(request.headers.get('Content-Type') ?? '')
  try {
    return await fetch(request, { signal: AbortSignal.timeout(carriesFile ? UPLOAD_TIMEOUT_MS : REQUEST_TIMEOUT_MS) })
  } catch (cause) {
    throw new Problem(0, 'network.unreachable', String(cause))
  }
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin', fetch: within })
api.use(echoCsrf)

export interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** What was answered, or the refusal as a `Problem`. A 204 is null. */
export async function told<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked
  if (response.ok) return (data ?? null) as T
  throw problemOf(response, error)
}

export function codeOf(error: unknown): string {
  return error instanceof Problem ? error.code : 'internal'
}

/** The sentence of a refusal that says one in both languages. */
export function saysOf(problem: Problem, locale: string): string | null {
  const says = problem.body['says'] as Record<string, unknown> | undefined
  const words = says?.[locale === 'en' ? 'en' : 'zh']
  return typeof words === 'string' && words ? words : null
}

function problemOf(response: Response, error: unknown): Problem {
  const body = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const retry = Number(body['retry_after_seconds'] ?? response.headers.get('Retry-After'))
  const words = [body['detail'], body['title']].find((text) => typeof text === 'string')
  return new Problem(
    response.status,
    typeof body['code'] === 'string' ? body['code'] : `http.${response.status}`,
    words ?? response.statusText,
    body,
    Number.isFinite(retry) && retry > 0 ? retry : null,
  )
}

/** `crypto.randomUUID` exists only on https and localhost; an operator's desk may use neither. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
