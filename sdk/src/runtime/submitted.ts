/** What an application submitted, on its way to the core. */
import type { Submitted } from './news.ts'
import type { Submission } from './residing.ts'

/** As the core takes them: in their order, those together that ask for a random value alike. */
export function inputsFor(submissions: readonly Submitted[]): ({ readonly kind: 'submit' } & Submission)[] {
  const inputs: { kind: 'submit'; transactions: Uint8Array[]; draw: boolean }[] = []
  for (const { bytes, draw } of submissions) {
    const last = inputs.at(-1)
    if (last?.draw === draw) last.transactions.push(bytes)
    else inputs.push({ kind: 'submit', transactions: [bytes], draw })
  }
  return inputs
}
