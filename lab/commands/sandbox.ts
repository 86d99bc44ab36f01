import { existsSync, readFileSync } from 'node:fs'
import { LabError, noWorld } from '../engine/lab-error.ts'
import { attachToStop } from '../serve/client.ts'
import { sleep } from '../serve/launch.ts'
import { isAlive, readRecord } from '../serve/record.ts'
import { attach, attachOrStart, type Context, printJson } from './context.ts'

/** How long a background process may take to end, in milliseconds. */
const PATIENCE = 30_000

/** `sandbox up`: starts the world if there is none, and says where its parts answer. */
export async function sandboxUp(context: Context, simulateImages: readonly string[]): Promise<number> {
  const lab = await attachOrStart(context, simulateImages)
  try {
    for (const { name, address } of await lab.ask('parts')) context.out(`${name.padEnd(12)} ${address}\n`)
    context.out('\neval "$(gitops-lab env)"   leads this shell to it\n')
    return 0
  } finally {
    lab.detach()
  }
}

/** `sandbox status`: its parts. */
export async function sandboxStatus(context: Context, { json }: { readonly json: boolean }): Promise<number> {
  const lab = await attach(context)
  try {
    const parts = await lab.ask('parts')
    if (json) printJson(context, parts)
    else
      for (const { name, address, state } of parts) context.out(`${name.padEnd(12)} ${state.padEnd(10)} ${address}\n`)
    return 0
  } finally {
    lab.detach()
  }
}

/** `sandbox logs`: the last lines of what the background process wrote. */
export async function sandboxLogs(context: Context, lines: number): Promise<number> {
  if (!existsSync(context.dir.log)) throw noWorld()
  const log = readFileSync(context.dir.log, 'utf8').split('\n').slice(0, -1)
  for (const line of log.slice(-lines)) context.out(`${line}\n`)
  return 0
}

/** `down` and `sandbox down`: ends the background process, of whatever version; the state stays. */
export async function down(context: Context): Promise<number> {
  if (await stopBackground(context)) context.out('The background process ended; the state stays.\n')
  else context.out('No background process runs.\n')
  return 0
}

/** True if one ran and has ended. One that does not answer is asked by a signal. @throws LabError */
export async function stopBackground({ dir, clock }: Context): Promise<boolean> {
  const record = readRecord(dir.record)
  const running = await attachToStop(record?.socket ?? dir.socket, clock)
  if (running) {
    await new Promise<void>((resolve, reject) => {
      const patience = clock.setTimeout(resolve, PATIENCE)
      void running
        .stop()
        .then(resolve, reject)
        .finally(() => patience.cancel())
    })
  }
  const pid = running?.pid ?? record?.pid
  if (!running && !(record && isAlive(record, clock.now()))) return false
  if (!running && record) process.kill(record.pid, 'SIGTERM')
  const until = clock.now() + PATIENCE
  while (record && isAlive(record, clock.now())) {
    if (clock.now() > until) {
      throw new LabError({
        expected: 'the background process to end',
        found: `process ${pid} still runs`,
        next: `Look at it with \`ps -p ${pid}\`; if it is gitops-lab, end it with \`kill -9 ${pid}\``,
      })
    }
    await sleep(clock, 50)
  }
  return true
}
