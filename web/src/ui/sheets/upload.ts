/** How a sheet is told to the platform: the bytes of the file, named as what they are. */
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** What a call that sends a file needs beside its address. */
export function asSheet(file: File) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as BodyInit,
    headers: { 'Content-Type': file.name.toLowerCase().endsWith('.csv') ? 'text/csv' : XLSX },
  }
}
