import { type Chain, defineChain, type Lab } from '../lab/step.ts'
import { podsLink, reconcilerLink } from './lib/chain-cluster.ts'
import { readFacts } from './lib/chain-facts.ts'
import { commitLink, imageLink, pipelineLink, tagLink } from './lib/chain-git.ts'

/** Where the newest change of the app is. A link says `unknown` as long as the one before it is not done. */
export default defineChain(async (lab: Lab): Promise<Chain> => {
  const facts = await readFacts(lab)
  const commit = commitLink(facts)
  const pipeline = pipelineLink(facts, commit)
  const image = imageLink(facts, pipeline)
  const tag = tagLink(facts, image)
  return { links: [commit, pipeline, image, tag, reconcilerLink(facts, tag), podsLink(facts, tag)] }
})
