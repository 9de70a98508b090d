import { fileURLToPath } from 'node:url'
import { startRun } from './commands.ts'
import { coreOracle, modelOracle } from './oracle.ts'
import { runScenarios } from './scenario.ts'
import { shuffled } from './worlds.ts'

const folder = fileURLToPath(new URL('scenarios', import.meta.url))

runScenarios('scenarios, by the reference model', folder, () => startRun(modelOracle))
runScenarios('scenarios, by the core', folder, () => startRun(coreOracle))
runScenarios('scenarios, by the core in another insertion order', folder, () =>
  startRun((input) => coreOracle({ ...input, events: shuffled(input.events, (below) => below - 1) })),
)
