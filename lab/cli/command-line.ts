/** Options that every command takes. */
export type GlobalOptions = {
  /** The folder of a lab of one's own. */
  readonly lab?: string
  readonly stateDir?: string
  /** LAB_DIR: where the learner works. */
  readonly dir?: string
  readonly verbose: boolean
  readonly yes: boolean
  readonly download: boolean
}

export type CommandLine = { readonly options: GlobalOptions } & (
  | { readonly command: 'home' }
  | {
      readonly command: 'run'
      readonly steps: readonly string[]
      readonly until?: string
      readonly json: boolean
      readonly simulateImages: readonly string[]
    }
  | { readonly command: 'check'; readonly target?: string; readonly now: boolean; readonly json: boolean }
  | {
      readonly command: 'why' | 'status' | 'timers' | 'snapshots' | 'sandbox-status' | 'doctor'
      readonly json: boolean
    }
  | { readonly command: 'reset' | 'down' | 'nudge' | 'env' | 'shell' | 'sandbox-down' }
  | { readonly command: 'sandbox-logs'; readonly lines: number }
  | { readonly command: 'sandbox-up' | 'serve'; readonly simulateImages: readonly string[] }
  | { readonly command: 'snapshot' | 'restore'; readonly name: string }
  | {
      readonly command: 'drill'
      readonly name?: string
      readonly hint: boolean
      readonly undo: boolean
      readonly json: boolean
    }
  | {
      readonly command: 'demo'
      readonly step?: string
      readonly auto: boolean
      readonly speed: number
      /** Seconds. */
      readonly pause: number
      readonly record?: string
      readonly stills?: string
      readonly size: Size
    }
  | { readonly command: 'notes'; readonly browser: boolean }
  | { readonly command: 'lint'; readonly directory?: string; readonly prove: boolean; readonly json: boolean }
  | { readonly command: 'new'; readonly directory: string }
  | { readonly command: 'export-killercoda'; readonly out: string; readonly package?: string }
  | { readonly command: 'completion'; readonly shell: Shell }
)

/** Of a terminal. */
export type Size = { readonly columns: number; readonly rows: number }

/** A command line without the options that every command takes. */
export type Draft = CommandLine extends infer L ? (L extends CommandLine ? Omit<L, 'options'> : never) : never

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]
