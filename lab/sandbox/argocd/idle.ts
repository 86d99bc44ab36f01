import { type Program, serveHealth, untilStopped } from '../core/program.ts'

/** A component that runs, answers its probes, and says what it does not do in the sandbox. */
const idle =
  (port: number, says: string): Program =>
  async (context) => {
    await serveHealth(context, port)
    context.log(`level=warning msg=${JSON.stringify(says)}`)
    return untilStopped(context)
  }

export const dex = idle(5558, 'dex: single sign-on is not part of the sandbox; log in as admin')

export const notificationsController = idle(
  9001,
  'notifications-controller: the sandbox sends no notifications; argocd-notifications-cm is not read',
)
