import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pressUntil } from './demo-keys.ts'
import { Tmux } from './tmux.ts'
import { has, World } from './world.ts'

const program = `'${process.execPath}' '${resolve(import.meta.dirname, '..', 'bin', 'gitops-lab.mjs')}'`
const chrome = process.env['CHROME'] ?? '/usr/bin/chromium'
const able = existsSync(chrome) && ['tmux', 'git', 'kubectl'].every(has)

describe.skipIf(!able)(`a demo of the course (needs tmux, git, kubectl, ${chrome})`, { timeout: 500_000 }, () => {
  let world: World
  let stage: Tmux
  let notes: Tmux
  let browser: Browser
  beforeAll(async () => {
    world = new World()
    stage = await Tmux.start({ home: world.home, columns: 110, rows: 32 })
    notes = await Tmux.start({ home: world.home, columns: 100, rows: 30 })
    browser = await puppeteer.launch({ executablePath: chrome, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    await notes.close()
    await stage.close()
    await world.remove()
  })

  it('begins at a key and is driven by its notes', async () => {
    await stage.run(`${program} demo`)
    await stage.waitFor(/Enter begin/)
    await notes.run(`${program} notes`)
    await notes.waitFor(/ready[\s\S]*Enter next/)
    await pressUntil(stage, /2\/5 GitLab repositories/, () => notes.press('Enter'))
  })

  it('goes on when its notes are killed, and lets them come back as a page of a browser', async () => {
    process.kill(await notes.foreground(), 'SIGKILL')
    await notes.waitFor(/Press Enter/)
    await notes.press('Enter')
    await pressUntil(stage, /2\/5 GitLab repositories → Push the app/)
    await notes.run(`${program} notes --browser`)
    const address = /http:\/\/\S+/.exec(await notes.waitFor(/token=\S+/))?.[0] as string
    const page = await browser.newPage()
    const broken: string[] = []
    page.on('pageerror', (error) => broken.push(String(error)))
    await page.goto(address)
    const text = () => page.$eval('body', (body) => (body as unknown as { innerText: string }).innerText)
    await expect.poll(text, { timeout: 30_000 }).toContain('Push the app')
    await pressUntil(stage, /→ Read the job log/, () => page.click('button[data-key=next]'))
    expect(broken).toEqual([])
    await notes.press('C-c')
    await notes.waitFor(/^\^Cexit:0$/m)
  })

  it('is taken over and given back in the middle of step 4', async () => {
    await pressUntil(stage, /4\/5 Replace Flux.* → Suspend Flux/)
    await stage.waitFor(/\$ \S/)
    await stage.press('o')
    await stage.waitFor(/taken over/)
    await stage.type('k')
    await stage.waitFor(/\$ k$/m)
    await stage.paste('ubectl get applications -n argocd')
    await stage.waitFor(/\$ kubectl get applications -n argocd$/m)
    await stage.press('Enter')
    await stage.waitFor(/\$ kubectl get applications -n argocd\s+NAME +SYNC STATUS[\s\S]*OutOfSync[\s\S]*✓ done/)
    await stage.press('Escape')
    await stage.waitFor((screen) => !screen.includes('Esc give back'))
    await pressUntil(stage, /→ Sync by hand/)
  })

  it('ends with every check passed', async () => {
    await pressUntil(stage, /Every check passed/)
    await pressUntil(stage, /^exit:\d/m)
    expect(await stage.exitCode()).toBe(0)
    const { checks } = JSON.parse((await world.run(['status', '--json'])).out)
    expect(checks.passed).toBe(checks.total)
  })
})
