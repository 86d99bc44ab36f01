import { check, defineChecks, type KubeObject, type Lab, passed, type Verdict } from '../../../lab/step.ts'
import { tagInGit } from '../../lib/delivery.ts'
import { content, runsNewest, unsolved } from '../../lib/drills.ts'
import { APPLICATIONS, KUSTOMIZATIONS } from '../../lib/names.ts'

const applies = ({ spec, status }: KubeObject): boolean =>
  spec.suspend !== true &&
  ((status?.inventory?.entries ?? []) as readonly { readonly id: string }[]).some(
    ({ id }) => id === 'demo_nodeapp_apps_Deployment',
  )

/** Whether all who apply nodeapp want the same version of it: Argo CD may be told another one than Git. */
const oneVersion = async (lab: Lab): Promise<Verdict> => {
  const inGit = await tagInGit(lab)
  const app = await lab.kube.get(APPLICATIONS, 'my-nodejs-app', 'argocd')
  const images = (app?.['spec'].source.kustomize?.images ?? []) as readonly string[]
  const told =
    images
      .find((image) => image.includes('/my-nodejs-app:'))
      ?.split(':')
      .at(-1) ?? inGit
  const others = (await lab.kube.list(KUSTOMIZATIONS)).filter(applies)
  return others.length === 0 || told === inGit
    ? passed(`${told}`)
    : unsolved('nodeapp keeps the version that it has', `it changes between ${told} and ${inGit}`)
}

export default defineChecks({
  'flip-flop': [
    check('nodeapp keeps its version', oneVersion),
    check('the newest image runs', runsNewest),
    check('Argo CD is content', (lab) => content(lab)),
  ],
})
