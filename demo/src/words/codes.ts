/** Literals of the SDK for which the page has words of its own. */
import type { Malice } from 'parsec-web'
import type { InvalidHistory } from 'parsec-web/verify'

export type ProofKind = Malice['kind']
export type VerdictFault = InvalidHistory['reason']
