/** The state as `data-` attributes of the page's body, for whoever watches from outside: tests, and the curious. */
import { sumOfBalances } from './ledger.ts'
import type { State } from './session.ts'

export function show(state: State, ledgerHash: string, dataset: DOMStringMap): void {
  if (state.phase !== 'live') {
    dataset['phase'] = state.phase
    if (state.phase === 'failed') dataset['error'] = state.code
    return
  }
  const { status, ledger, activity } = state
  const { paid, refused, lost } = activity.tally
  const facts = {
    me: state.me,
    section: state.sectionId,
    state: state.alarm === null ? status.state : 'stopped',
    role: status.role,
    // Of the last block applied, as are the hashes and the balances.
    height: ledger.height,
    blockHash: ledger.blockHash,
    ledgerHash,
    sum: sumOfBalances(ledger),
    accounts: ledger.accounts.size,
    balance: ledger.accounts.get(state.me)?.balance ?? '',
    certified: status.certifiedHeight,
    members: status.members.length,
    online: status.members.filter((member) => member.online || member.peer === state.me).length,
    voters: status.voters,
    needed: status.needed,
    reachable: status.reachable,
    asleep: status.asleep,
    reason: status.reason ?? '',
    successors: status.successors.join(' '),
    previous: status.previousSection?.sectionId ?? '',
    ...{ paid, refused, lost },
    pending: status.pending,
    storage: status.storage,
    requests: ledger.requests.size,
    diagnostics: JSON.stringify(state.diagnostics),
  }
  for (const [name, value] of Object.entries(facts)) dataset[name] = String(value)
  // Last: whoever waits for it finds the rest.
  dataset['phase'] = state.phase
}
