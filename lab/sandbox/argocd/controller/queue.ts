/**
 * Runs work for keys: never twice at a time for one key, and once more if the key was added while its work ran. A
 * failure of the work is told and forgotten.
 */
export class WorkQueue {
  private readonly running = new Set<string>()
  private readonly dirty = new Set<string>()

  constructor(
    private readonly work: (key: string) => Promise<void>,
    private readonly onError: (key: string, error: unknown) => void,
  ) {}

  add(key: string): void {
    if (this.running.has(key)) {
      this.dirty.add(key)
      return
    }
    this.running.add(key)
    void this.drain(key)
  }

  private async drain(key: string): Promise<void> {
    do {
      this.dirty.delete(key)
      try {
        // What is added in the same turn is one piece of work.
        await Promise.resolve()
        await this.work(key)
      } catch (error) {
        this.onError(key, error)
      }
    } while (this.dirty.has(key))
    this.running.delete(key)
  }
}
