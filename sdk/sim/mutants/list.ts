/** Deliberate bugs: each is one replacement of a text that stands exactly once in its file. */

export interface Mutant {
  /** What the mutant does wrong. */
  readonly name: string
  /** Below sdk/. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Options of `npm run sim` that make its weather likely. */
  readonly options: readonly string[]
}

export const mutants: readonly Mutant[] = [
  {
    name: 'sends before it stores',
    file: 'sim/process/host.ts',
    find: '    if (output.persist.length === 0) {\n      finish()',
    replace:
      '    for (const one of output.send) host.sendRaw(one.to, spelledOut(one.message, registry.get))\n    if (output.persist.length === 0) {\n      finish()',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'closes without keeping its last words',
    file: 'sim/process/host.ts',
    find: 'if (hasty) {\n      engine.settle(store.append(archive.records(events)), () => {})',
    replace: 'if (hasty) {',
    options: ['--mixed', '--members', '5'],
  },
  {
    name: 'counts the tip of a known forker',
    file: 'src/core/gossip/graph.ts',
    find: '  if (knowsFork(x, creator)) return undefined\n',
    replace: '',
    options: ['--mixed', '--peers', '4', '--adversary', 'forkPerPeer,twins'],
  },
  {
    name: 'sees strongly through witnesses that know the fork',
    file: 'src/core/gossip/graph.ts',
    find: 'if (witness && !knowsFork(witness, y.creator)) return true',
    replace: 'if (witness) return true',
    options: ['--mixed', '--peers', '5'],
  },
  {
    name: 'takes the branch that arrived first',
    file: 'src/core/meta-voting/election.ts',
    find: 'if (own.length <= 1) return own[0]',
    replace: 'if (own.length > 0) return own[0]',
    options: ['--mixed', '--peers', '4', '--adversary', 'forkPerPeer,twins'],
  },
  {
    name: 'takes 2/3 for more than 2/3',
    file: 'src/core/thresholds.ts',
    find: 'return 3 * count > 2 * voters',
    replace: 'return 3 * count >= 2 * voters',
    options: ['--mixed', '--peers', '3'],
  },
  {
    name: 'calls a few votes unanimous',
    file: 'src/core/meta-voting/section-vote.ts',
    find: 'if (carryTrue >= quorum) return TRUE',
    replace: 'if (carryTrue > 0) return TRUE',
    // Forks have to split exactly the votes that decide: about one world in a thousand does.
    options: ['--mixed', '--peers', '4', '--adversary', 'twins,forkPerPeer,forkHidden', '--first-seed', '1201'],
  },
  {
    name: 'forgets a nested election',
    file: 'src/core/section/ordering.ts',
    find: 'while (first) first = close(first)',
    replace: 'if (first) close(first)',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'computes an election anew from the state before',
    file: 'src/core/section/rounds.ts',
    find: 'round: begin(stateOf(election))',
    replace: 'round: begin(stateOf(Math.max(0, election - 1)))',
    options: ['--mixed', '--peers', '5'],
  },
  {
    name: 'computes an election anew without the late',
    file: 'src/core/section/rounds.ts',
    find: 'for (let at = firstLateFrom(from);',
    replace: 'for (let at = late.length;',
    options: ['--mixed', '--peers', '5'],
  },
  {
    name: 'keeps the transactions that are final',
    file: 'src/core/section/contents.ts',
    find: 'if (!found || found.isDecided) return',
    replace: 'if (found !== null) return',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'decides early though more is wanted',
    file: 'src/core/section/ordering.ts',
    find: 'if (!seen || !isWithin(carriers, state, seen, chosen)) return null',
    replace: 'if (!seen) return null',
    options: ['--mixed', '--peers', '5'],
  },
  {
    name: 'orders a block as its events arrived',
    file: 'src/core/section/batch.ts',
    find: '(!next || tieOf(head) < tieOf(next))',
    replace: '(!next || head.index < next.index)',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'orders a block without regard to descent',
    file: 'src/core/section/batch.ts',
    find: 'return !head || head === vertex || (vertex.highest[b] ?? -1) < head.seq',
    replace: 'return !head || head === vertex || vertex.seq >= 0',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'lets the time of blocks stand still',
    file: 'src/core/section/batch.ts',
    find: 'return Math.max(median, state.lastTimeMs + 1)',
    replace: 'return median',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'attests more than its event decides',
    file: 'src/core/parsec.ts',
    find: 'attest: { height: decided.height, blockHash: decided.lastBlock }',
    replace: 'attest: { height: ordering.state.height, blockHash: ordering.state.lastBlock }',
    options: ['--mixed', '--peers', '7'],
  },
  {
    name: 'counts attestations of the block below',
    file: 'src/core/section/certificates.ts',
    find: 'if (lastOf(voter) >= height) count++',
    replace: 'if (lastOf(voter) >= height - 1) count++',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'forgets its last event over a restart',
    file: 'src/core/parsec.ts',
    find: 'if (event.creator === self && (!last || vertex.seq > last.seq)) last = vertex',
    replace: '',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'creates events while nothing is undecided',
    file: 'src/core/parsec.ts',
    find: 'if (!isUndecided()) {',
    replace: 'if (last === null) {',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'relays nothing',
    file: 'src/core/gossip/dissemination.ts',
    find: 'if (from !== null && !isRelay(event.creator, neighbour)) {',
    replace: 'if (from !== null) {\n          continue',
    options: ['--mixed', '--peers', '5'],
  },
  {
    name: 'wants as many voters as are online',
    file: 'src/core/section/policy.ts',
    find: 'return 3 * faultsTolerated(Math.min(online, most)) + 1',
    replace: 'return Math.max(1, Math.min(online, most))',
    options: ['--mixed', '--members', '5'],
  },
  {
    name: 'lets a voter stay that is gone',
    file: 'src/core/section/policy.ts',
    find: 'const online = [...state.members.keys()].filter(isOnline)',
    replace: 'const online = [...state.members.keys()].filter((peer) => isOnline(peer) || state.voters.includes(peer))',
    options: ['--mixed', '--members', '5'],
  },
  {
    name: 'forgets whoever is away a quarter of the time',
    file: 'src/core/section/intents.ts',
    find: 'nowMs - sinceMs >= options.forgetAfterMs ? peer',
    replace: 'nowMs - sinceMs >= options.forgetAfterMs / 4 ? peer',
    options: ['--mixed', '--members', '5'],
  },
  {
    name: 'never forgets',
    file: 'src/core/section/intents.ts',
    find: 'nowMs - sinceMs >= options.forgetAfterMs ? peer',
    replace: 'sinceMs < 0 ? peer',
    options: ['--mixed', '--members', '5'],
  },
  {
    name: 'loses a vote of the application',
    file: 'src/core/section/intents.ts',
    find: 'values.map((value) => (',
    replace: 'values.slice(1).map((value) => (',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'takes one vote for a decision',
    file: 'src/core/section/ballots.ts',
    find: 'if (!isSupermajority(count, voters.length)) continue',
    replace: 'if (count === 0) continue',
    options: ['--mixed', '--peers', '4'],
  },
  {
    name: 'takes a false complaint at its word',
    file: 'src/core/coin/epochs.ts',
    find: "if (culprit === 'complainer') {",
    replace: 'if (culprit === undefined) {',
    options: ['--mixed', '--peers', '4', '--adversary', 'badCoin'],
  },
]
