export type Snapshot = {
  readonly digest: string
  readonly firstReconciled: string
  readonly lastReconciled: string
  readonly lastReconciledDuration: string
  readonly lastReconciledStatus: string
  readonly totalReconciliations: number
  readonly metadata: Readonly<Record<string, string>>
}

const LONGEST = 5

/** The history with one more reconciliation: counted when digest and outcome are known, newest first. */
export function addToHistory(
  history: readonly Snapshot[],
  run: Pick<Snapshot, 'digest' | 'metadata'> & {
    readonly status: string
    readonly at: string
    readonly duration: string
  },
): readonly Snapshot[] {
  const { digest, metadata, status, at, duration } = run
  const known = history.find((one) => one.digest === digest && one.lastReconciledStatus === status)
  const snapshot: Snapshot = {
    digest,
    firstReconciled: known?.firstReconciled ?? at,
    lastReconciled: at,
    lastReconciledDuration: duration,
    lastReconciledStatus: status,
    totalReconciliations: (known?.totalReconciliations ?? 0) + 1,
    metadata,
  }
  return [snapshot, ...history.filter((one) => one !== known)].slice(0, LONGEST)
}
