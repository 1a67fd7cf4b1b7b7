/** Two characters that stand for a name where there is no photo: 李桂兰 → 桂兰. */
export function initialsOf(name: string): string {
  const plain = name.replace(/[（(].*$/, '').trim()
  return /\p{Script=Han}/u.test(plain) ? plain.slice(-2) : plain.slice(0, 2).toUpperCase()
}

/** A square of 160 pixels: enough for a face in a list or beside a name. */
export function smallPhoto(url: string): string {
  return `${url}&size=small`
}

/** A file as the body of a request; the type is what the browser takes it for. */
export function pictureOf(file: File) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as string,
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
  }
}
