/** The photo of a worker, sent and taken away. */
import { api, told } from '@/api/client'
import type { Worker } from '@/api/types'
import { pictureOf } from '@/ui/faces'

function madeOn(worker: Worker) {
  return { path: { worker_id: worker.id }, header: { 'If-Match': `"${worker.version}"` } }
}

export function setPhoto(worker: Worker, file: File): Promise<Worker> {
  return told(api.PUT('/api/v1/workers/{worker_id}/photo', { params: madeOn(worker), ...pictureOf(file) }))
}

export function dropPhoto(worker: Worker): Promise<Worker> {
  return told(api.DELETE('/api/v1/workers/{worker_id}/photo', { params: madeOn(worker) }))
}
