import { setMaxListeners } from 'node:events'
import type { BuiltInImage, Program, ProgramContext } from '../core/program.ts'
import { applicationSetController } from './application-set.ts'
import { applicationController } from './controller/program.ts'
import { dex, notificationsController } from './idle.ts'
import { redis, redisInitialPassword } from './redis.ts'
import { repoServer } from './repo-server/program.ts'
import { server } from './server/program.ts'

export { APPLICATIONS } from './application.ts'
export { findRepository, SECRET_TYPE_LABEL } from './repositories.ts'

const PROGRAMS: Readonly<Record<string, Program>> = {
  'argocd-application-controller': applicationController,
  'argocd-applicationset-controller': applicationSetController,
  'argocd-notifications': notificationsController,
  'argocd-repo-server': repoServer,
  'argocd-server': server,
  argocd: cli,
}

/** The `argocd` inside the image: only what an init container of the installation asks of it. */
async function cli(context: ProgramContext): Promise<number> {
  const [, ...args] = context.argv
  if (args.join(' ') === 'admin redis-initial-password') return redisInitialPassword(context)
  context.log(`argocd ${args.join(' ')}: the sandbox's image only has "argocd admin redis-initial-password"`)
  return 20
}

/** tini, the image's entry point, runs what follows `--`. */
async function tini(context: ProgramContext): Promise<number> {
  const argv = context.argv.slice(context.argv.indexOf('--') + 1)
  const name = argv[0]?.split('/').at(-1) ?? ''
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
  // Every watch listens for the end of the container.
  setMaxListeners(0, context.signal)
  if (program) return program({ ...context, argv })
  context.log(`[FATAL tini (7)] exec ${argv[0]} failed: No such file or directory`)
  return 127
}

/** Argo CD's images and those that its installation brings along, any tag of them. */
export const argocdImages = (): readonly BuiltInImage[] => [
  { repository: 'quay.io/argoproj/argocd', entrypoint: ['/usr/bin/tini', '--'], programs: { ...PROGRAMS, tini } },
  { repository: 'ghcr.io/dexidp/dex', entrypoint: ['dex'], programs: { dex, 'argocd-dex': dex } },
  {
    repository: 'public.ecr.aws/docker/library/redis',
    entrypoint: ['docker-entrypoint.sh'],
    programs: { 'docker-entrypoint.sh': redis, 'redis-server': redis },
  },
]
