import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { git } from '../../core/git.ts'
import { type App, artifactsPath } from '../app.ts'
import type { Artifact, Job } from '../entities.ts'
import { packArtifacts, parseDotenv, unpackArtifacts } from './artifacts.ts'
import { artifactsOf } from './job-settings.ts'
import type { Trace } from './trace.ts'

/** Unpacks what earlier jobs left into a work tree and returns the variables of their dotenv reports. */
export function restoreArtifacts(
  app: App,
  sources: readonly Job[],
  workspace: string,
  trace: Trace,
): Record<string, string> {
  const packed = sources.filter((source) => existsSync(artifactsPath(app, source)))
  if (packed.length > 0) trace.begin('download_artifacts', 'Downloading artifacts')
  for (const source of packed) {
    trace.line(`Downloading artifacts for ${source.name} (${source.id})...`)
    unpackArtifacts(readFileSync(artifactsPath(app, source)), workspace)
  }
  return Object.assign({}, ...sources.map(({ dotenv }) => dotenv))
}

/** Keeps what a finished job says is worth keeping. */
export async function keepArtifacts(
  app: App,
  job: Job,
  workspace: string,
  status: 'success' | 'failed',
  trace: Trace,
): Promise<Pick<Job, 'artifacts' | 'dotenv'>> {
  const settings = artifactsOf(job)
  const wanted =
    settings && (settings.when === 'always' || settings.when === `on_${status === 'success' ? 'success' : 'failure'}`)
  if (!settings || !wanted) return { artifacts: [], dotenv: {} }
  trace.begin(
    `upload_artifacts_on_${status}`,
    `Uploading artifacts for ${status === 'success' ? 'successful' : 'failed'} job`,
  )
  const others = settings.rules.untracked
    ? (await git(['ls-files', '-z', '--others'], { cwd: workspace })).split('\0')
    : []
  const packed = packArtifacts(workspace, settings.rules, others)
  const artifacts: Artifact[] = []
  if (packed) {
    for (const path of settings.rules.paths) trace.line(`${path}: looking for files`)
    trace.line(`Uploading ${packed.files.length} artifact files, ${packed.zip.length} bytes packed...`)
    mkdirSync(dirname(artifactsPath(app, job)), { recursive: true, mode: 0o700 })
    writeFileSync(artifactsPath(app, job), packed.zip, { mode: 0o600 })
    const filename = `${settings.name ?? 'artifacts'}.zip`
    artifacts.push({ file_type: 'archive', size: packed.zip.length, filename, file_format: 'zip' })
  } else if (settings.rules.paths.length > 0) {
    for (const path of settings.rules.paths) {
      trace.line(
        `WARNING: ${path}: no matching files. Ensure that the artifact path is relative to the working directory (${workspace})`,
      )
    }
    trace.error('ERROR: No files to upload')
  }
  const dotenv = settings.dotenv
    .map((path) => join(workspace, path))
    .filter((path) => existsSync(path))
    .map((path) => parseDotenv(readFileSync(path, 'utf8')))
  return { artifacts, dotenv: Object.assign({}, ...dotenv) }
}
