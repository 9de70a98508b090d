/** `parsec-web verify FILE`: whether an exported history proves itself, and if not at which block it fails. */
import { type HistoryFault, type HistoryVerdict, verifyHistory } from 'parsec-web/verify'
import { readFileArguments, readInput } from './input.ts'
import { CommandError, type Subcommand } from './subcommand.ts'

const help = `Usage: parsec-web verify FILE [--section ID] [--json]

Checks a history that section.exportHistory() wrote, from the genesis on: every hash, every change of members and voters,
and that more than two thirds of each block's voters signed it. FILE may be - for standard input.

  --section ID  the section that it has to be of, 64 hexadecimal digits; without it, the id is printed for you to compare
  --json        prints the verdict as one line of JSON

Ends with 0 if the history is valid, with 1 if it is not, with 2 if it cannot be read.
`

export const verify: Subcommand = {
  name: 'verify',
  summary: 'checks an exported history: are its blocks final, and where does it fail',
  async run(args) {
    const { values, file } = readArguments(args)
    if (values.help) return void process.stdout.write(help)
    const verdict = await verifyHistory(await readInput(file), values.section ? { sectionId: values.section } : {})
    process.stdout.write(values.json ? `${JSON.stringify(verdict)}\n` : inWords(verdict))
    if (!verdict.valid) process.exitCode = 1
  },
}

function readArguments(args: readonly string[]) {
  const { values, file } = readFileArguments('verify', args, {
    section: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  })
  if (values.section !== undefined && !/^[0-9a-f]{64}$/.test(values.section)) {
    throw new CommandError('--section: 64 hexadecimal digits')
  }
  return { values, file }
}

function inWords(verdict: HistoryVerdict): string {
  if (!verdict.valid) {
    const place = verdict.height === 0 ? 'the file' : `block ${verdict.height}`
    const detail = verdict.detail === verdict.reason ? '' : ` (${verdict.detail})`
    return `invalid: ${place} fails: ${explanations[verdict.reason]}${detail}\n`
  }
  const { sectionId, height, transactions, voters, members, timeMs } = verdict
  return [
    `valid: ${count(height, 'block')} final, with ${count(transactions, 'transaction')}`,
    `section  ${sectionId}`,
    `until    ${new Date(timeMs).toISOString()}`,
    `members  ${members.length}, of whom ${count(voters.length, 'voter')}\n`,
  ].join('\n')
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

const explanations: Readonly<Record<HistoryFault, string>> = {
  tooLarge: 'longer than any may be',
  unsupportedVersion: 'a version that this program does not know',
  malformed: 'cannot be read',
  bodyMismatch: 'cannot be read',
  truncated: 'the file ends before it does',
  recordTooLarge: 'longer than any may be',
  trailingBytes: 'something follows the last block',
  wrongGenesis: 'the genesis is not that of the section it names',
  wrongSection: 'belongs to another section',
  wrongHeight: 'its height is wrong',
  wrongPrevious: 'does not stand on the block below',
  wrongTime: 'its time is not after that of the block below',
  wrongVoters: 'was not decided by the voters that the blocks below lead to',
  wrongItems: 'its transactions are not those of its header',
  wrongObservations: 'its changes of members and voters are not those of its header',
  wrongHash: 'its header has another hash',
  otherBlock: 'a signature is for another block',
  attestedTwice: 'one voter signed it twice',
  notCertified: 'not more than two thirds of its voters signed it',
  malformedAttestation: 'a signed header cannot be read',
  badSignature: 'a signature is wrong',
}
