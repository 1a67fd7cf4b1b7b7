/** Two characters that stand for a name where there is no photo: 李桂兰 → 桂兰. */
export function initialsOf(name: string): string {
  const plain = name.replace(/[（(].*$/, '').trim()
  return /\p{Script=Han}/u.test(plain) ? plain.slice(-2) : plain.slice(0, 2).toUpperCase()
}

/** A square of 160 pixels: enough for a face in a list or beside a name. */
export function smallPhoto(url: string): string {
  return `${url}&size=small`
}
