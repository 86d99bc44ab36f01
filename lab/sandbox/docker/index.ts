export { createDockerDaemon, type DockerDaemon, type JobTools } from './daemon.ts'
