import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['lab/**/*.test.ts', 'steps/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/golden/**', 'node_modules/**'],
    globalSetup: ['test/global-setup.ts'],
    // Published with extensionless imports, which plain Node cannot resolve.
    server: { deps: { inline: [/@ngrok\/webernetes/] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
