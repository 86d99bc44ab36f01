/** The names of the lab, the same in every world. */
export const APP = 'my-nodejs-app'
export const CONFIG = 'my-nodejs-app-config'
export const DEPLOYMENTS = 'deployments.apps'
export const APPLICATIONS = 'applications.argoproj.io'
export const KUSTOMIZATIONS = 'kustomizations.kustomize.toolkit.fluxcd.io'
export const GIT_REPOSITORIES = 'gitrepositories.source.toolkit.fluxcd.io'
export const IMAGE_REPOSITORIES = 'imagerepositories.image.toolkit.fluxcd.io'
export const IMAGE_POLICIES = 'imagepolicies.image.toolkit.fluxcd.io'
export const IMAGE_AUTOMATIONS = 'imageupdateautomations.image.toolkit.fluxcd.io'
export const IMAGE_UPDATERS = 'imageupdaters.argocd-image-updater.argoproj.io'
/** The path of the app's Service through the API server. */
export const SERVICE = '/api/v1/namespaces/demo/services/nodeapp:8080/proxy'
