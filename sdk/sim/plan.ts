/** What the command line asks for, as data that can be sent to a worker. */

import type { Scenario } from './scenario.ts'
import { drawKinds, type MixedLimits, mixedScenario } from './scenarios/mixed.ts'
import { type Settings, scenarioOf } from './scenarios/settings.ts'

export type Plan =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'mixed'; readonly limits: MixedLimits }

export function scenarioFor(plan: Plan, seed: number): Scenario {
  return plan.kind === 'mixed' ? mixedScenario(seed, plan.limits) : scenarioOf(plan.settings, seed, drawKinds)
}
