import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['lab/**/*.test.ts', 'steps/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/golden/**', 'node_modules/**'],
    globalSetup: ['test/global-setup.ts'],
    // Published with extensionless imports, which plain Node cannot resolve.
    server: { deps: { inline: [/@ngrok\/webernetes/] } },
    // Worlds take the lab's own ports where they can, and a machine has only so many of those.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
