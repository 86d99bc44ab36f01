import { rm } from 'node:fs/promises'
import { endRunsIn } from '../../../core/run.ts'

/** Removes a folder of containers that have ended, once no program works in it any more. */
export async function removeFolder(path: string): Promise<void> {
  await endRunsIn(path)
  // What a program of this process was just writing may come between two looks into a folder.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
}
