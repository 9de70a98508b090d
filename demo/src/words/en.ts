/**
 * Everything that the page says, in English. To translate: copy this file, translate it, and name it in `words.ts`; a
 * sentence that is missing does not compile.
 */
import type { Refusal } from '../ledger.ts'
import type { ProofKind, VerdictFault } from './codes.ts'

const count = (number: number, noun: string) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
const coins = (amount: number) => count(amount, 'coin')

export const en = {
  /** BCP 47, for numbers, times and the page's `lang`. */
  locale: 'en',
  /** What the language calls itself. */
  language: 'English',

  coins,
  unit: (amount: number): string => (amount === 1 ? 'coin' : 'coins'),
  milliseconds: (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`),
  list: (items: readonly string[]) => items.join(', '),

  page: {
    title: 'Ledger',
    room: 'Room',
    nav: 'Page',
    invite: 'Invite',
    inspector: 'Inspector',
    breakIt: 'Break it',
    dark: 'Dark',
    light: 'Light',
    leave: 'Leave',
    languageSwitch: 'Language',
    skip: 'Skip to your account',
  },

  joining: (room: string, servers: string) => `Looking for the section in ${room} through ${servers}`,
  failed: { title: 'This tab could not join', again: 'Try again' },

  ask: {
    leave: 'Leave for good? This tab gives up its membership; its account stays in the ledger.',
    reform: 'Go on without the missing voters? Should they come back, theirs and yours are two ledgers.',
    follow: 'Move to the ledger that somebody re-formed? What is pending here is lost, and there is no way back.',
    kill: 'Kill this tab now? It reloads without a word to the others.',
  },

  status: {
    label: 'Status',
    ready: 'Payments become final',
    stalled: 'Nothing becomes final now',
    joining: 'Joining',
    joiningDetail: 'The voters decide about this tab',
    left: 'This tab has left',
    leftDetail: 'Its account stays in the ledger',
    stopped: 'Stopped',
    stoppedDetail: 'This section goes no further here',
    expelled: 'This tab was expelled',
    expelledDetail: 'Its misbehaviour was proven, and the others go on without it',
    removed: 'You were removed',
    voter: 'You vote',
    member: 'You are a member',
    outside: 'Not a member yet',
    block: (height: number) => `block ${height.toLocaleString('en')}`,
    pending: (number: number) => `${number.toLocaleString('en')} pending`,
    coinActive: 'common coin active',
    coinForming: 'common coin forming',
    coinTitle:
      'Votes that stay split are settled by a common coin. Until the voters share a key for it, it is predictable: agreement is as safe, but a network that reads every message could delay it.',
    rejoin: 'Join again',
    startOver: 'Join again as somebody new',
    reform: 'Go on without them',
  },

  quorum: {
    label: (reachable: number, voters: number, needed: number) =>
      `${reachable} of ${count(voters, 'voter')} reachable, ${needed} needed`,
    short: (reachable: number, voters: number, needed: number) =>
      `${reachable} of ${count(voters, 'voter')} reachable, ${needed} needed`,
    question: 'What does this mean?',
    one: (name: string) =>
      `With one to three members, one of them votes alone: ${name}. Others may come and go; without this one nothing becomes final.`,
    several: (voters: number, needed: number, spare: number) =>
      `${voters} members vote. More than two thirds of them, ${needed}, have to take part before anything is final, so that two decisions always share an honest voter. ${spare === 1 ? 'Any one of them' : `Any ${spare} of them`} may be away, or lie.`,
    reachable: (reachable: number, voters: number) =>
      reachable === voters ? 'All of them can be reached now.' : `${reachable} of them can be reached now.`,
    asleep: (names: string) => `Asleep, and back as soon as their tab is looked at: ${names}.`,
    away: (names: string) => `Away, closed or cut off: ${names}.`,
    stalled: (missing: number) =>
      `Until ${missing === 1 ? 'one more is' : `${missing} more are`} back, payments wait. They are not lost: they become final then.`,
    remedy:
      'Wait, or open the tabs of those who are missing. Only if they are gone for good: go on without them. That founds a new section on the last certified block, by your decision alone.',
    alone: 'This tab reaches nobody. Look at its network.',
  },

  notice: {
    reformed: (id: string) => `This ledger was re-formed by others, as ${id}.`,
    follow: 'Follow them',
    memory: (reason: string) => `In memory only: ${reason}.`,
    conflicts: (number: number) =>
      `${count(number, 'other section')} with a history met in this room: their ledgers are never merged. Use the join link of the section you mean.`,
    offline:
      'No network. This tab shows what it has kept and goes on with the tabs that it still reaches; the rest follows when the network is back.',
    noServer: (urls: string) =>
      `No signaling server answers (${urls}). Open connections go on without; nobody new finds this tab until one does.`,
  },

  trial: {
    proven: (name: string, kind: ProofKind) =>
      ({
        fork: `${name} signed two different events at one place: a fork. Both signatures are here, so everybody can see it.`,
        duplicateVote: `${name} cast one vote twice.`,
        staleOtherParent: `${name} built an event that breaks the rules of the graph.`,
        invalidOtherParent: `${name} built an event that breaks the rules of the graph.`,
        falseAttestation: `${name} signed a block that its own events do not lead to.`,
        invalidAccusation: `${name} accused somebody without proof.`,
        badDeal: `${name} dealt a bad share of the common coin.`,
        falseComplaint: `${name} complained about a good share.`,
        badCoinShare: `${name} gave a bad share of the common coin.`,
        accomplice: `${name} built on proven misbehaviour without accusing it.`,
      })[kind],
    title: 'Misbehaviour proven',
    pending: 'The voters accuse and decide about the removal…',
    removed: (name: string, height: number) => `${name} was removed in block ${height.toLocaleString('en')}.`,
    after: (duration: string) => `${duration} from the proof to the removal.`,
    you: 'this tab',
  },

  account: {
    title: 'Your account',
    balance: 'Your balance',
    rename: 'Change your name',
    name: 'Name',
    save: 'Save',
    form: 'Pay or ask',
    who: 'Who',
    amount: 'Coins',
    note: 'Note',
    optional: 'optional',
    pay: 'Pay',
    request: 'Ask for it',
    many: (number: number) => `${number} payments of 1`,
    alone: 'You are the only member. Invite somebody, or open this page in a second tab, and there is somebody to pay.',
    secondTab: 'Open a second tab',
    overdraft: 'More than you have: it will be in a block, and every tab will refuse it.',
    openRequests: (number: number, most: number) => `${number} of at most ${most} requests of yours are open.`,
    own: 'What you did',
    ownLabel: 'What you did, newest first',
    none: 'Nothing yet.',
    median: (duration: string) => `median ${duration}`,
    medianTitle: 'from the button to the final block',
    older: (number: number) => `and ${number.toLocaleString('en')} more in the history`,
  },

  requests: {
    incoming: 'You are asked for',
    outgoing: 'You asked for',
    accept: 'Accept',
    decline: 'Decline',
    withdraw: 'Withdraw',
    acceptLabel: (name: string, amount: number) => `Accept: pay ${coins(amount)} to ${name}`,
    declineLabel: (name: string, amount: number) => `Decline: ${coins(amount)} for ${name}`,
    withdrawLabel: (name: string, amount: number) => `Withdraw: ${coins(amount)} from ${name}`,
    by: (name: string, amount: number) => `${name} asks you for ${coins(amount)}`,
    of: (name: string, amount: number) => `${coins(amount)} from ${name}`,
    waiting: 'waiting for the answer',
    underWay: 'your answer is under way',
    tooMuch: 'more than you have',
    older: (number: number) => `and ${number} more`,
  },

  deed: {
    pay: (who: string, amount: number, to: string) => `${who} pays ${coins(amount)} to ${to}`,
    request: (who: string, amount: number, of: string) => `${who} asks ${of} for ${coins(amount)}`,
    accept: (who: string, amount: number, to: string) => `${who} accepts and pays ${coins(amount)} to ${to}`,
    decline: (who: string, amount: number, to: string) => `${who} declines ${coins(amount)} for ${to}`,
    withdraw: (who: string, amount: number, of: string) => `${who} no longer asks ${of} for ${coins(amount)}`,
    answerUnknown: (who: string) => `${who} answers a request that is not open`,
    profile: (who: string, name: string) => `${who} takes the name ${name}`,
    opening: (who: string, accounts: number) => `${who} carries over ${count(accounts, 'account')}`,
    malformed: (who: string) => `${who} sends something that is no payment`,
    you: 'You',
    ownPay: (amount: number, to: string) => `${coins(amount)} to ${to}`,
    ownRequest: (amount: number, of: string) => `Asked ${of} for ${coins(amount)}`,
    ownAccept: (amount: number, to: string) => `Accepted: ${coins(amount)} to ${to}`,
    ownDecline: (amount: number, to: string) => `Declined: ${coins(amount)} for ${to}`,
    ownWithdraw: (amount: number, of: string) => `Withdrawn: ${coins(amount)} from ${of}`,
    ownProfile: (name: string) => `Your name: ${name}`,
    ownOther: 'Accounts carried over',
  },

  fate: {
    pending: 'pending',
    final: 'final',
    rejected: (reason: string) => `rejected: ${reason}`,
    lost: (reason: string) => `lost: ${reason}`,
    certified: 'certified',
    certifiedTitle: 'more than two thirds of its voters signed it',
    block: (height: number) => `block ${height.toLocaleString('en')}`,
    legend:
      'Pending: signed and on its way. Final: in a block that all honest tabs share; it can never be undone. Rejected: in a block, too, but every tab refuses it by the same rule, and no coin moves.',
  },

  refusal: {
    malformed: 'not a payment',
    noAccount: 'the payer has no account',
    unknownPeer: 'no account of that name',
    toSelf: 'to the payer itself',
    overdraft: 'more coins than the payer had',
    noSuchRequest: 'this request is not open',
    notYours: 'somebody else was asked',
    tooManyRequests: 'too many open requests',
    notAtTheStart: 'accounts are carried over once, at the start',
  } satisfies Record<Refusal, string> as Record<Refusal, string>,

  say: {
    final: (what: string, height: number) => `Final in block ${height}: ${what}`,
    rejected: (what: string, reason: string) => `Rejected: ${what}: ${reason}`,
    manyFinal: (number: number) => `${number} of yours are final`,
    manyRejected: (number: number) => `${number} of yours are rejected`,
    manyIncoming: (number: number) => `${number} by others concern you`,
  },

  members: {
    title: 'Members',
    sizes: (members: number, voters: number) => `${count(members, 'member')}, ${count(voters, 'voter')}`,
    sizesTitle: '1, 4, 7, … voters: with 3f + 1 of them, any f may be away or dishonest',
    you: 'you',
    votes: 'votes',
    asleep: 'asleep',
    away: 'away',
    gone: 'gone',
    expelled: 'expelled',
    noAccount: 'no account yet',
    choose: 'Pay',
    chooseLabel: (name: string) => `Pay or ask ${name}`,
  },

  history: {
    title: 'History',
    search: 'Search',
    placeholder: 'note, name or amount',
    peer: 'Who',
    everybody: 'everybody',
    state: 'State',
    states: { any: 'all', pending: 'pending', final: 'final', rejected: 'rejected' },
    label: 'Transactions, newest first',
    none: 'Nothing found.',
    more: 'Show more',
    recent: (number: number) => `of the last ${count(number, 'block')}`,
    all: (number: number) => `Search all ${count(number, 'block')}`,
    searching: 'Searching all blocks…',
    whole: 'of all blocks',
    found: (number: number, more: boolean) => (more ? `the newest ${number}` : `${number} found`),
  },

  blocks: {
    title: 'Blocks',
    certified: (certified: number, height: number) =>
      `${certified.toLocaleString('en')} of ${height.toLocaleString('en')} certified`,
    none: 'None yet: an idle section makes none.',
    label: 'Final blocks, newest first',
    older: 'Show older blocks',
    rest: 'Older ones are in the section’s store: save the history to see them all.',
    empty: 'the voters’ own affairs',
    refused: (number: number) => `${number} rejected`,
    origin: (names: string) => `decided by ${names}`,
    after: 'after',
    payments: (number: number) => count(number, 'payment'),
    requests: (number: number) => count(number, 'request'),
    others: (number: number) => count(number, 'other'),
    changes: (number: number) => count(number, 'change'),
    rows: (number: number) => `and ${number.toLocaleString('en')} more`,
    add: (name: string) => `${name} joins`,
    remove: (name: string) => `${name} is removed`,
    expel: (name: string) => `${name} is expelled for proven misbehaviour`,
    promote: (names: string) => `${names} may vote`,
    demote: (names: string) => `${names} no longer votes`,
  },

  invite: {
    title: 'Invite somebody',
    lead: 'Whoever opens this link, on any device, joins this ledger.',
    qr: (link: string) => `QR code of the join link ${link}`,
    link: 'Join link',
    copy: 'Copy link',
    copied: 'Copied',
    share: 'Share…',
    shareText: 'Join our ledger',
    close: 'Close',
    local:
      'This address leads to this machine only. For a phone, start the demo with “npm start -- --host” and open it by the address that it prints.',
    tooLong: 'The link is too long for a QR code.',
  },

  proof: {
    title: 'Proof',
    lead: 'The history of this ledger proves itself: every block is signed by more than two thirds of its voters, from the founder on. Anybody can check it, without us and without a network.',
    save: 'Save the history',
    saveHint: 'a file with every certified block',
    check: 'Check a file',
    drop: 'or drop one here',
    tamper: 'Forge it and check again',
    tamperHint: 'changes one byte in the middle of the last file',
    checking: 'Checking every signature…',
    valid: (blocks: number, transactions: number) =>
      `Genuine: ${count(blocks, 'block')} with ${count(transactions, 'transaction')}, each signed by more than two thirds of its voters.`,
    ours: 'It is the history of this ledger, block by block as in this tab.',
    contradicts: 'It is of this section, but holds another block than this tab: two histories were certified.',
    foreign: (id: string) => `It is the history of another section, ${id}. Whether you trust its founder is up to you.`,
    founder: (ids: string) => `Founded by ${ids}.`,
    invalid: (height: number) => (height === 0 ? 'Refused: the file as such.' : `Refused: block ${height} fails.`),
    file: (name: string, bytes: string) => `${name}, ${bytes}`,
    bytes: (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000)} kB`),
    forged: (name: string) => `${name}, one byte changed`,
    tooLarge: 'This file is too large to be checked here.',
    unreadable: (reason: string) => `This file cannot be read: ${reason}`,
    faults: {
      tooLarge: 'Something in it is larger than any section makes it.',
      unsupportedVersion: 'It was written by a newer version.',
      malformed: 'It is not such a file, or not as one is written.',
      bodyMismatch: 'An event is not what its header says.',
      truncated: 'The file ends too early.',
      recordTooLarge: 'A block is larger than any may be.',
      trailingBytes: 'Something follows where the file should end.',
      wrongGenesis: 'Its beginning does not have the hash that names the section.',
      wrongSection: 'A part of it belongs to another section.',
      wrongHeight: 'Blocks are missing, or it claims more than it proves.',
      wrongPrevious: 'The block does not follow the one below it.',
      wrongTime: 'The block’s time is not after the one below it.',
      wrongVoters: 'The block was decided by others than its voters.',
      wrongItems: 'The transactions are not those that were signed.',
      wrongObservations: 'The changes of members are not those that were signed.',
      wrongHash: 'The block’s hash is not that of its content.',
      otherBlock: 'A signature is on another block.',
      attestedTwice: 'A voter’s signature is counted twice.',
      notCertified: 'Not more than two thirds of the voters signed it.',
      malformedAttestation: 'A signature cannot be read.',
      badSignature: 'A signature is wrong.',
    } satisfies Record<VerdictFault, string> as Record<VerdictFault, string>,
  },

  breaking: {
    title: 'Break it',
    lead: 'Do to this tab whatever you like, and watch the others go on.',
    before: 'What will happen',
    after: 'What to watch',
    links: {
      title: 'Damage connections',
      before:
        'Messages between this tab and the chosen member vanish in both directions, or come late. Nobody is told.',
      after:
        'With one link cut, others pass everything on. With most links cut, this tab falls behind, and catches up when they are mended.',
      none: 'Nobody else is here.',
      cut: 'cut',
      delay: 'delay',
      mend: 'Mend all',
      cutLabel: (name: string) => `Cut the link to ${name}`,
      delayLabel: (name: string) => `Delay of the link to ${name}`,
      delays: (ms: number) => (ms === 0 ? 'none' : ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`),
    },
    freeze: {
      title: 'Freeze this tab',
      before: 'This tab neither hears nor says anything, like a phone in a tunnel. It does not say goodbye.',
      after:
        'Within 15 seconds the others show it as away. From four members on their payments go on; yours wait, and become final after the thaw.',
      freeze: 'Freeze',
      thaw: 'Thaw',
      frozen: 'Frozen: this tab hears and says nothing.',
    },
    kill: {
      title: 'Kill and reload',
      before: 'This page dies in the middle of its work, without a word, and loads again.',
      after:
        'It comes back as the same member with all it had said, and catches up with what it missed. Nothing it said is ever contradicted.',
      kill: 'Kill this tab',
    },
    fork: {
      title: 'Betray: spend the same coins twice',
      before: (amount: number, one: string, other: string) =>
        `This tab signs two different events at one place of its history: in one it pays ${coins(amount)} to ${one}, in the other the same coins to ${other}, and shows each half of the members another one.`,
      after:
        'As soon as two honest tabs compare notes, they hold both signatures. They accuse this tab with the proof and vote it out, usually in less than a second. Every tab keeps the same balances: at most one of the payments counts.',
      betray: 'Betray them all',
      needVoters: 'Needs at least four members that vote: with fewer there is no majority of honest ones.',
      needCoins: 'Needs a coin to spend twice.',
      needStanding: 'This tab is no member, and can betray nobody.',
      done: 'Betrayed. Watch the other tabs.',
      caught: (duration: string) => `Caught and removed ${duration} after the fork.`,
    },
  },

  foot: {
    hash: 'Ledger hash',
    sum: 'Sum of balances',
    sumValue: (sum: number, accounts: number) => `${sum.toLocaleString('en')} in ${count(accounts, 'account')}`,
    section: 'Section',
    tab: 'This tab',
    diagnostics: 'Diagnostics',
  },
}
