import type { Timer, TimerLabel } from '../../core/clock.ts'
import { messageOf } from '../../core/errors.ts'
import { type Change, Informer, objectOf } from '../../core/informer.ts'
import { equalJson } from '../../core/json.ts'
import { isNotFound, type KubeObject } from '../../core/kube-client.ts'
import { CONFIG_MAPS, groupOf, SECRETS } from '../../core/kube-objects.ts'
import type { ProgramContext } from '../../core/program.ts'
import { APPLICATIONS, type Application, PROJECTS, qualifiedName } from '../application.ts'
import type { Project } from '../project.ts'
import { SharedCache } from '../redis.ts'
import { createRepoClient } from '../repo-server/client.ts'
import { isExcluded, readSettings, type Settings } from '../settings.ts'
import { ResourceOperations } from '../sync/resource-operations.ts'
import { trackedBy } from '../tracking.ts'
import { ClusterCache } from './cluster-cache.ts'
import type { ComparerTools, Comparison } from './compare-app.ts'
import { AppEvents } from './events.ts'
import { type Level, maxLevel } from './needs-refresh.ts'
import { CONTROLLER } from './persist.ts'
import { WorkQueue } from './queue.ts'

export type ControllerOptions = {
  /** Milliseconds after which an Application is compared again though nothing happened; 0 for never. */
  readonly period: number
  /** At most so many milliseconds are added to the period, another number each time. */
  readonly jitter: number
}

export type ControllerWork = {
  refresh(controller: Controller, key: string, requested: Level | undefined): Promise<void>
  operate(controller: Controller, key: string): Promise<void>
}

/** The state of argocd-application-controller: what it watches, what it has been asked for, and when it acts next. */
export class Controller {
  readonly cache: ClusterCache
  readonly operations: ResourceOperations
  readonly events: AppEvents
  readonly shared: SharedCache
  readonly tools: ComparerTools
  /** When the source of an Application was first seen broken by an automatic comparison. */
  readonly brokenSince = new Map<string, number>()
  /** The last comparison of each Application. */
  readonly comparisons = new Map<string, Comparison>()
  private readonly applications: Informer
  private readonly projects: Informer
  private readonly secrets: Informer
  private readonly configuration: Informer
  private readonly requested = new Map<string, Level>()
  private readonly timers = new Map<string, Timer>()
  private readonly waiters = new Map<string, Set<() => void>>()
  private readonly refreshes: WorkQueue
  private readonly running: WorkQueue
  /** The `reconciledAt` for which the next comparison has been scheduled. */
  private readonly scheduled = new Map<string, string>()
  private parsed: { configMap: KubeObject | undefined; settings: Settings } | undefined
  private started = false

  constructor(
    readonly context: ProgramContext,
    readonly options: ControllerOptions,
    work: ControllerWork,
  ) {
    const { kube, clock, names, pod, signal } = context
    const fail = (what: string) => (key: string, error: unknown) => {
      if (!signal.aborted && !isNotFound(error)) this.log('error', `${what} of ${key} failed: ${messageOf(error)}`)
    }
    const here = { namespace: pod.namespace }
    this.refreshes = new WorkQueue((key) => work.refresh(this, key, this.take(key)), fail('refresh'))
    this.running = new WorkQueue((key) => work.operate(this, key), fail('operation'))
    this.cache = new ClusterCache(
      kube,
      (group, kind) => isExcluded(this.settings(), group, kind),
      signal,
      (change) => this.objectChanged(change),
    )
    this.operations = new ResourceOperations(
      kube,
      (group, kind) => this.cache.resource(group, kind),
      (object) => this.cache.observe(object),
    )
    this.events = new AppEvents(kube, clock, CONTROLLER, (error) => fail('event')('an Application', error))
    this.shared = new SharedCache(context)
    this.configuration = new Informer(kube, CONFIG_MAPS, { ...here, fieldSelector: 'metadata.name=argocd-cm' }, signal)
    this.secrets = new Informer(kube, SECRETS, here, signal)
    this.projects = new Informer(kube, PROJECTS, here, signal, (change) => this.projectChanged(change))
    this.applications = new Informer(kube, APPLICATIONS, here, signal, (change) => this.applicationChanged(change))
    this.tools = {
      repo: createRepoClient(names, pod.namespace),
      cache: this.cache,
      operations: this.operations,
      settings: () => this.settings(),
      secrets: () => this.secrets.list(),
    }
  }

  /** Resolves when everything that there is has been listed; from then on Applications are worked on. */
  async start(): Promise<void> {
    await Promise.all([this.configuration, this.secrets, this.projects, this.applications].map(({ ready }) => ready))
    await this.discover()
    this.started = true
    for (const app of this.applications.list()) {
      this.request(qualifiedName(app), 'recent')
      this.running.add(qualifiedName(app))
    }
  }

  settings(): Settings {
    const configMap = this.configuration.get('argocd-cm', this.context.pod.namespace)
    if (!this.parsed || this.parsed.configMap !== configMap)
      this.parsed = { configMap, settings: readSettings(configMap) }
    return this.parsed.settings
  }

  project(name: string): Project | undefined {
    return this.projects.get(name || 'default', this.context.pod.namespace) as Project | undefined
  }

  /** The Application as the API server has it; undefined when it is gone. */
  async application(key: string): Promise<Application | undefined> {
    const [namespace, name] = key.split('/') as [string, string]
    try {
      return (await this.context.kube.get(APPLICATIONS, name, namespace)) as Application
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** Asks for a refresh now, at least at this level. */
  request(key: string, level: Level): void {
    this.requested.set(key, maxLevel(this.requested.get(key), level))
    this.enqueue(key)
  }

  /** Asks for a refresh later; the timer is shown, and replaces an earlier one of the same name. */
  requestAfter(key: string, name: string, ms: number, action: string, level?: Level): void {
    const label: TimerLabel = { actor: 'Argo CD', subject: `Application ${key}`, action }
    this.cancel(key, name)
    const run = () => {
      this.timers.delete(`${key} ${name}`)
      if (level) this.request(key, level)
      else this.enqueue(key)
    }
    this.timers.set(`${key} ${name}`, this.context.clock.setTimeout(run, ms, label))
  }

  /** The comparison that comes by itself: once for each time the Application was reconciled. */
  scheduleComparison(key: string, reconciledAt: string, ms: number): void {
    if (this.scheduled.get(key) === reconciledAt && this.timers.has(`${key} compare`)) return
    this.scheduled.set(key, reconciledAt)
    this.requestAfter(key, 'compare', ms, 'compare with Git', 'latest')
  }

  cancel(key: string, name: string): void {
    this.timers.get(`${key} ${name}`)?.cancel()
    this.timers.delete(`${key} ${name}`)
  }

  forget(key: string): void {
    for (const name of [...this.timers.keys()])
      if (name.startsWith(`${key} `)) this.cancel(key, name.slice(key.length + 1))
    this.brokenSince.delete(key)
    this.comparisons.delete(key)
    this.scheduled.delete(key)
    this.requested.delete(key)
  }

  stop(): void {
    for (const timer of this.timers.values()) timer.cancel()
    this.timers.clear()
  }

  /** Resolves when something of the Application changes, or after so many milliseconds. */
  async change(key: string, ms: number, label?: TimerLabel): Promise<void> {
    const { clock, signal } = this.context
    const stop = new AbortController()
    const wake = () => stop.abort()
    const set = this.waiters.get(key) ?? new Set()
    this.waiters.set(key, set.add(wake))
    await clock.sleep(ms, AbortSignal.any([signal, stop.signal]), label).catch(() => {})
    set.delete(wake)
  }

  log(level: 'info' | 'warning' | 'error', message: string): void {
    this.context.log(`level=${level} msg=${JSON.stringify(message)}`)
  }

  private async discover(): Promise<void> {
    const { clock, signal } = this.context
    for (;;) {
      try {
        return await this.cache.discover()
      } catch (error) {
        if (signal.aborted) return
        this.log('error', `discovery failed: ${messageOf(error)}`)
        await clock.sleep(1000, signal).catch(() => {})
      }
    }
  }

  private enqueue(key: string): void {
    if (this.started && !this.context.signal.aborted) this.refreshes.add(key)
  }

  private take(key: string): Level | undefined {
    const level = this.requested.get(key)
    this.requested.delete(key)
    return level
  }

  private applicationChanged(change: Change): void {
    const { before, after } = change
    const key = qualifiedName(objectOf(change))
    this.wake(key)
    if (!after) {
      this.forget(key)
      return
    }
    if (!this.started) return
    const [was, is] = [before?.['spec']?.syncPolicy?.automated, after['spec']?.syncPolicy?.automated]
    if (before && is && !equalJson(was, is)) this.request(key, 'latest')
    else this.enqueue(key)
    if (after['operation']) this.running.add(key)
  }

  private projectChanged(change: Change): void {
    const { name } = objectOf(change).metadata
    for (const app of this.applications.list() as Application[])
      if ((app.spec.project || 'default') === name) this.request(qualifiedName(app), 'recent')
  }

  /** An object of the cluster changed: whose it is, or whose it comes from, is compared again. */
  private objectChanged(change: Change): void {
    if (!this.started) return
    const object = objectOf(change)
    const method = this.settings().trackingMethod
    for (const owner of new Set([change.before, change.after].map((value) => value && trackedBy(value, method)))) {
      const own = owner !== undefined && !object.metadata.ownerReferences?.length
      if (own) this.requestFor(owner, 'recent')
    }
    if (!object.metadata.ownerReferences?.length) {
      this.requestForTargets(object)
      return
    }
    const root = this.cache.rootOf(object)
    const owner = root === object ? undefined : trackedBy(root, method)
    if (owner) this.requestFor(owner, 'tree')
  }

  /** An object without a mark may still be one that an Application wants. */
  private requestForTargets(object: KubeObject): void {
    for (const app of this.applications.list() as Application[]) {
      const known = app.status?.resources?.some(
        ({ group = '', kind, namespace = '', name }) =>
          kind === object.kind &&
          name === object.metadata.name &&
          group === groupOf(object) &&
          namespace === (object.metadata.namespace ?? ''),
      )
      if (known) this.request(qualifiedName(app), 'recent')
    }
  }

  private requestFor(app: string, level: Level): void {
    const key = `${this.context.pod.namespace}/${app}`
    if (!this.applications.get(app, this.context.pod.namespace)) return
    this.wake(key)
    this.request(key, level)
  }

  private wake(key: string): void {
    for (const wake of [...(this.waiters.get(key) ?? [])]) wake()
  }
}
