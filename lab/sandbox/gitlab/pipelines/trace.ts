import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** GitLab stops keeping a job's log here. */
const LIMIT = 4 * 1024 * 1024

const BOLD_GREEN = '\x1b[32;1m'
const BOLD_CYAN = '\x1b[36;1m'
const BOLD_RED = '\x1b[31;1m'
const RESET = '\x1b[0;m'

/** Replaces every secret by `[MASKED]`, longer ones first, so that a secret inside another leaves nothing behind. */
export function maskWith(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= 8).sort((a, b) => b.length - a.length)
  return (text) => known.reduce((masked, secret) => masked.replaceAll(secret, '[MASKED]'), text)
}

/** The log of a job as its runner writes it: sections that GitLab's page folds, and secrets masked. */
export class Trace {
  private readonly descriptor: number
  private size = 0
  private section: string | undefined

  constructor(
    path: string,
    private readonly mask: (text: string) => string,
    private readonly seconds: () => number,
  ) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.descriptor = openSync(path, 'w', 0o600)
  }

  /** A line of the job's own output. */
  line(text: string): void {
    this.write(`${this.mask(text)}\n`)
  }

  /** A command before it runs. */
  command(text: string): void {
    this.line(`${BOLD_GREEN}$ ${text}${RESET}`)
  }

  /** A line of the runner's own that stands out. */
  note(text: string): void {
    this.line(`${BOLD_GREEN}${text}${RESET}`)
  }

  error(text: string): void {
    this.line(`${BOLD_RED}${text}${RESET}`)
  }

  /** Ends the section that is open and begins one. `section_start:<time>:<name>` is GitLab's marker for it. */
  begin(section: string, title: string): void {
    this.end()
    this.section = section
    this.write(`\x1b[0Ksection_start:${this.seconds()}:${section}\r\x1b[0K`)
    this.line(`\x1b[0K${BOLD_CYAN}${title}${RESET}`)
  }

  end(): void {
    if (this.section) this.write(`\x1b[0Ksection_end:${this.seconds()}:${this.section}\r\x1b[0K`)
    this.section = undefined
  }

  close(): void {
    this.end()
    closeSync(this.descriptor)
  }

  private write(text: string): void {
    if (this.size > LIMIT) return
    this.size += Buffer.byteLength(text)
    writeSync(this.descriptor, text)
    if (this.size > LIMIT) {
      writeSync(this.descriptor, `\n${BOLD_RED}Job's log exceeded limit of ${LIMIT} bytes.${RESET}\n`)
    }
  }
}
