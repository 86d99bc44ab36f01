import { defineChain } from 'gitops-lab/step'

// biome-ignore lint/style/noDefaultExport: the loader takes the default export
export default defineChain(async (lab) => {
  const isAsked = await lab.files.exists('request.yaml')
  const isThere = await lab.files.exists('parcel.txt')
  const [wait] = await lab.waits()
  return {
    links: [
      {
        id: 'request',
        title: 'Request',
        state: isAsked ? 'done' : 'unknown',
        what: isAsked ? 'request.yaml' : undefined,
      },
      isThere || !isAsked
        ? { id: 'parcel', title: 'Parcel', state: isThere ? 'done' : 'unknown' }
        : { id: 'parcel', title: 'Parcel', state: 'waiting', actor: wait?.actor, action: wait?.action, due: wait?.due },
    ],
  }
})
