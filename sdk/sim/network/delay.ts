/** How long messages take, in units of δ with mean 1 over all links, and which links are long. */
import type { Random } from '../random.ts'

export type DelayModel = 'fixed' | 'uniform' | 'heavy' | 'wan'
export const delayModels: readonly DelayModel[] = ['fixed', 'uniform', 'heavy', 'wan']

/** Draws one message's delay in milliseconds; `meanMs` is what a measurement of the link would report. */
export interface LinkDelay {
  readonly meanMs: number
  draw(random: Random): number
}

// Rounded one-way milliseconds between six regions: two in Europe, two in North America, East Asia, South America.
const wanMs: readonly (readonly number[])[] = [
  [5, 15, 45, 75, 115, 100],
  [15, 5, 50, 80, 110, 105],
  [45, 50, 5, 32, 85, 60],
  [75, 80, 32, 5, 55, 90],
  [115, 110, 85, 55, 5, 135],
  [100, 105, 60, 90, 135, 5],
]

const regionOf = (slot: number) => slot % wanMs.length
const wanEntry = (from: number, to: number) => wanMs[regionOf(from)]?.[regionOf(to)] ?? 0

/** Mean of the region matrix over the pairs of `peers` slots, so that δ means the same in every model. */
function wanMean(peers: number): number {
  if (peers < 2) return wanEntry(0, 1)
  let sum = 0
  for (let a = 0; a < peers; a++) for (let b = 0; b < peers; b++) if (a !== b) sum += wanEntry(a, b)
  return sum / (peers * (peers - 1))
}

/** Pareto with α = 2 has an infinite variance and mean twice its minimum; cut at 40 δ so that runs end. */
const heavy = (random: Random) => Math.min(0.5 / Math.sqrt(1 - random.float()), 40)

export function linkDelay(model: DelayModel, deltaMs: number, from: number, to: number, peers: number): LinkDelay {
  switch (model) {
    case 'fixed':
      return { meanMs: deltaMs, draw: () => deltaMs }
    case 'uniform':
      return { meanMs: deltaMs, draw: (random) => deltaMs * (0.5 + random.float()) }
    case 'heavy':
      return { meanMs: deltaMs, draw: (random) => deltaMs * heavy(random) }
    case 'wan': {
      const meanMs = (deltaMs * wanEntry(from, to)) / wanMean(peers)
      return { meanMs, draw: (random) => meanMs * (0.9 + 0.2 * random.float()) }
    }
  }
}
