import { createServer } from 'node:http'
import { handle } from './app.js'

const port = 8181
const server = createServer(handle)
server.listen(port, () => console.log(`listening on port ${port}`))

// Kubernetes sends SIGTERM before it stops a container: answer what has begun, then go.
process.on('SIGTERM', () => {
  console.log('SIGTERM: closing')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
