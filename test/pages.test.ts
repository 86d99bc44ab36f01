import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import puppeteer, { type Browser, type HTTPResponse, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { has, World } from './world.ts'

const chrome = process.env['CHROME'] ?? '/usr/bin/chromium'
const able = existsSync(chrome) && ['git', 'kubectl'].every(has)

const EVIL = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>`

describe.skipIf(!able)(`the pages in a browser (needs ${chrome}, git, kubectl)`, () => {
  let world: World
  let browser: Browser
  let page: Page
  let gitlab = ''
  let forward = ''
  const complaints: string[] = []

  beforeAll(async () => {
    world = new World()
    const { code, err } = await world.run(['run', '--until', '3'])
    expect(code, err).toBe(0)
    gitlab = await world.variable('GITLAB_URL')
    browser = await puppeteer.launch({ executablePath: chrome, args: ['--no-sandbox'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
  }, 500_000)
  afterAll(async () => {
    await browser?.close()
    if (forward) process.kill(Number(forward))
    await world?.remove()
  })

  const go = async (url: string): Promise<HTTPResponse> => (await page.goto(url)) as HTTPResponse
  const press = (selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)])
  const text = () => page.$eval('main', (main) => (main as unknown as { innerText: string }).innerText)
  const says = (part: string | RegExp) => expect.poll(text, { timeout: 30_000 }).toMatch(part)

  describe('of GitLab', () => {
    it('show a project, its pipeline and job log, and the tags of its image, without signing in', async () => {
      await go(`${gitlab}/learner/my-nodejs-app`)
      await says('my-nodejs-app.git')
      await press('nav.tabs a[href$=pipelines]')
      await press('#live td strong')
      await says('CI_PIPELINE_IID')
      await press('.stages .box:last-child a')
      await says('docker push')
      await press('nav.tabs a[href$=container_registry]')
      await press('td strong')
      await says(/registry\.lab\.test\/learner\/my-nodejs-app:1\.0\.1\b/)
    })

    it('make a project for who signed in with the token of the lab', async () => {
      await go(`${gitlab}/projects/new`)
      await page.type('#password', await world.variable('GITLAB_TOKEN'))
      await press('main button')
      await page.type('#name', 'On the page')
      await page.click('input[value=public]')
      await press('main button.main')
      expect(page.url()).toBe(`${gitlab}/learner/on-the-page`)
      await says('The repository for this project is empty')
    })

    it('show a log while it is written, and what others wrote as text', async () => {
      const gate = join(world.home, 'gate')
      const folder = join(world.home, 'on-the-page')
      writeFileSync(join(world.home, 'evil.txt'), EVIL)
      const config = ['greet:', '  script:', `    - cat ${world.home}/evil.txt; echo`]
      const job = [...config, `    - until [ -e ${gate} ]; do sleep 0.1; done`, '    - echo the gate is open', ''].join(
        '\n',
      )
      writeFileSync(join(world.home, 'ci.yml'), job)
      const { code, err } = await world.sh(`git clone -q $GITLAB_URL/learner/on-the-page.git ${folder} && cd ${folder}
        cp ${world.home}/ci.yml .gitlab-ci.yml; cp ${world.home}/evil.txt README.md
        git add . && git commit -q -F README.md && git push -q origin HEAD:main`)
      expect(code, err).toBe(0)
      await go(`${gitlab}/learner/on-the-page`)
      expect((await text()).split(EVIL).length - 1, 'title and README').toBe(2)
      await go(`${gitlab}/learner/on-the-page/-/commits/main`)
      expect(await text()).toContain(EVIL)
      await press('td strong')
      expect(await text()).toContain(EVIL)
      await go(`${gitlab}/learner/on-the-page/-/jobs`)
      await page.waitForSelector('td strong')
      await press('td strong')
      await says('onerror=')
      expect(await text()).toContain('The log grows as the job runs.')
      const before = await text()
      writeFileSync(gate, '')
      await says('the gate is open')
      await says('Job succeeded')
      expect(before).not.toContain('Job succeeded')
      expect(await page.title()).not.toContain('broken')
    })
  })

  describe('of Argo CD', () => {
    let argocd = ''

    it('let admin in through the port-forward', async () => {
      const log = join(world.home, 'forward')
      forward = (
        await world.sh(`kubectl port-forward -n argocd service/argocd-server :80 >${log} 2>&1 </dev/null & echo $!`)
      ).out.trim()
      const port = () => /127\.0\.0\.1:(\d+)/.exec(readFileSync(log, 'utf8'))?.[1]
      await expect.poll(port, { timeout: 30_000 }).toBeDefined()
      argocd = `http://127.0.0.1:${port()}`
      const { out: password } = await world.sh(
        "kubectl get secret -n argocd argocd-initial-admin-secret -o jsonpath='{.data.password}' | base64 -d",
      )
      await go(argocd)
      await page.type('#password', 'wrong')
      await press('main button')
      await says('Invalid username or password')
      await page.type('#password', password)
      await press('main button')
      expect(page.url()).toBe(`${argocd}/applications`)
      await says('There are no Applications yet')
    })

    it('show a new Application at once, its difference, and its sync', async () => {
      const { code, err } = await world.sh(`kubectl apply -f - <<END
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: my-nodejs-app, namespace: argocd }
spec:
  project: default
  source: { repoURL: $GITLAB_URL/learner/my-nodejs-app-config.git, path: workloads, targetRevision: main }
  destination: { server: https://kubernetes.default.svc, namespace: demo }
END`)
      expect(code, err).toBe(0)
      await says(/my-nodejs-app[\s\S]*OutOfSync/)
      await press('.cards a')
      await says(/\+ +argocd\.argoproj\.io\/tracking-id: my-nodejs-app:apps\/Deployment/)
      await press('button[value=sync]')
      await says(/Sync status\s+Synced/)
      await says(/Succeeded[\s\S]*successfully synced/)
      await says(/Pod\s+nodeapp-/)
    })

    it('can be read without JavaScript', async () => {
      await page.setJavaScriptEnabled(false)
      await go(`${argocd}/applications/argocd/my-nodejs-app`)
      const html = await page.content()
      expect(html).toContain('Synced')
      expect(html).toContain('nodeapp')
      await page.setJavaScriptEnabled(true)
    })
  })

  it('break no rule of their own', () => expect(complaints).toEqual([]))
})
