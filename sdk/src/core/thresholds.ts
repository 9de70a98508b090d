/** The counts on which every argument about agreement rests. Imports nothing. */

/** Strictly more than 2/3: two supermajorities share a correct voter (RFC 0049, Definitions). */
export function isSupermajority(count: number, voters: number): boolean {
  return 3 * count > 2 * voters
}

/** At least 1/3: not all of them can be faulty, so a correct voter is among them (RFC 0049, Definitions). */
export function isAtLeastOneThird(count: number, voters: number): boolean {
  return 3 * count >= voters
}

/** The smallest supermajority of `voters`. */
export function supermajorityOf(voters: number): number {
  return Math.floor((2 * voters) / 3) + 1
}

/** f: how many of `voters` may misbehave in any way, n ≥ 3f+1. */
export function faultsTolerated(voters: number): number {
  return Math.max(0, Math.ceil(voters / 3) - 1)
}
