/**
 * PARSEC as a pure state machine: `step(input)` answers with everything the host has to do. Imports the core only.
 *
 * Invariant: what is final is a function of the graph; time and connections only decide when events are created.
 *
 * One file, though it is long: it only joins the parts, each in a file of its own, around the last own event and one Output.
 */

import { createCoinDuties } from './coin/duties.ts'
import { type KeyItem, MAX_KEY_ITEMS_PER_EVENT, MAX_SHARES_PER_EVENT, type PostedShare } from './coin/items.ts'
import { createSectionCoin } from './coin/section-coin.ts'
import { collect, earliest } from './collected.ts'
import { createDelays } from './delays.ts'
import { illFormed, MAX_OTHER_PARENTS } from './gossip/admission.ts'
import { createBackfill } from './gossip/backfill.ts'
import { createCatchUp } from './gossip/catch-up.ts'
import { type ClassicGossip, createClassicGossip } from './gossip/classic.ts'
import { createDissemination } from './gossip/dissemination.ts'
import type { EventBody, EventContent, EventId, GossipEvent, PeerId } from './gossip/event.ts'
import type { GraphEvent, Vertex } from './gossip/graph.ts'
import { createIntake } from './gossip/intake.ts'
import { InvariantError } from './invariant.ts'
import type { GossipMessage, Input, Output } from './io.ts'
import { createMaliceDetector } from './malice/detector.ts'
import type { Malice } from './malice/malice.ts'
import { hashCoin } from './meta-voting/coin.ts'
import { createIntegers } from './numbers.ts'
import type { Parsec, ParsecOptions } from './options.ts'
import { dueMs, news, type Prospect, pacingDelays, prospectOf } from './pacing.ts'
import { absentVoters } from './section/batch.ts'
import type { BlockOutline } from './section/block.ts'
import { createCertificates } from './section/certificates.ts'
import { createIntents } from './section/intents.ts'
import { createOrdering, type Insertion } from './section/ordering.ts'
import { sectionStatus } from './status.ts'
import { createSubmissions } from './submissions.ts'

const MAX_OBSERVATIONS_PER_EVENT = 256
const DRAW: KeyItem = { kind: 'draw', height: 0 }

export function createParsec(options: ParsecOptions): Parsec {
  const { self, genesis, hashing } = options
  const sectionId = hashing.genesis(genesis)
  const coin = createSectionCoin(options.coinCrypto ?? null, options.coin ?? hashCoin(hashing), hashing)
  const { keptElections } = options
  const ordering = createOrdering({ genesis, hashing, coin, ...(keptElections === undefined ? {} : { keptElections }) })
  const { graph } = ordering
  const selfNumber = graph.creatorOf(self)
  // Of the transactions of each event.
  const bytes = createIntegers()
  const certificates = createCertificates(ordering)
  const isKnown = (id: EventId) => graph.find(id) !== undefined
  const malice = createMaliceDetector(ordering, hashing, coin)
  const duties = createCoinDuties(self, coin, ordering, hashing, sectionId)
  const submissions = createSubmissions()
  const delays = createDelays()
  const delayMs = () => delays.medianMs
  let out = collect()
  const dissemination = createDissemination(
    self,
    ordering,
    (vertex) => bytes.at(vertex.index) as number,
    (to, message) => void out.send.push({ to, message }),
    options.gossip !== 'classic',
    delayMs,
  )
  const classic = options.gossip === 'classic' ? createClassicGossip(hashing, self, sectionId, delayMs) : null
  const intake = createIntake({
    self,
    sectionId,
    isKnown,
    illFormed: (event) => illFormed(ordering, sectionId, event),
    insert,
    reject: (rejection) => void out.rejections.push(rejection),
    want: dissemination.want,
    isConnected: dissemination.isConnected,
    delayMs,
  })
  const backfill = createBackfill({
    isSettled: intake.isSettled,
    want: (from) => dissemination.want(from, []),
    delayMs,
  })
  const catchUp = createCatchUp(isKnown)
  const intents = createIntents({
    self,
    hashing,
    ordering,
    voterPolicy: options.voterPolicy,
    forgetAfterMs: options.forgetAfterMs ?? Number.POSITIVE_INFINITY,
    isReachable: dissemination.isReachable,
    isProven: malice.isProven,
    mayVote: options.mayVote ?? (() => true),
  })
  let last: Vertex | null = null
  let lastOwnMs = Number.NEGATIVE_INFINITY
  let undecidedSinceMs: number | null = null
  let quorumSinceMs: number | null = null
  let fruitless = 0
  // Creator number of the peer whose message came last: classic gossip merges its news first.
  let lastHeard: number | null = null
  let alarm: string | null = null
  const exposed = new Set<PeerId>()

  // Accepting events

  function insert(event: GossipEvent, from: PeerId | null): void {
    ordering.tidy()
    const insertion = ordering.insert(event, event.id)
    record(insertion, event, from)
    const { vertex } = insertion
    if (event.creator === self && (!last || vertex.seq > last.seq)) last = vertex
  }

  function record({ vertex, blocks, duplicateVotes, coinFaults }: Insertion, event: GossipEvent, from: PeerId | null) {
    bytes.push(event.body.transactions.reduce((sum, { length }) => sum + length, 0))
    out.persist.push(event)
    out.blocks.push(...blocks)
    if (event.creator === self) {
      duties.said(event.body)
      submissions.said(event)
    }
    if (blocks.length > 0) submissions.decided(ordering.state.decidedUpTo[graph.branchesOf(selfNumber)[0] ?? -1] ?? -1)
    const established = malice.establish(coinFaults)
    const found = malice.inspect(vertex, duplicateVotes)
    expose([...established, ...found, ...malice.convict(coin.takeBad())])
    const isFalse = found.some((m) => m.kind === 'falseAttestation')
    if (isFalse) alarm ??= certificates.contradict(event.creator, event.attest)
    else certificates.confirm(event.creator, vertex, event.attest)
    dissemination.announce(vertex, event, from)
  }

  /** Reports malice. Somebody whom nobody else relays to may be the only one to hold the evidence: all are told of it. */
  function expose(found: readonly Malice[]): void {
    const isNews = found.some(({ accused }) => !exposed.has(accused))
    for (const { accused } of found) exposed.add(accused)
    out.evidence.push(...found)
    if (isNews) for (const peer of dissemination.neighbours) dissemination.sendTips(peer)
  }

  // Creating events

  /** Whether the others will take an event of ours with these parents: a member by what they decide together. */
  function maySpeak(parents: readonly Vertex[]): boolean {
    return ordering.stateBefore(last ? [last, ...parents] : parents).members.has(self)
  }

  /** Whether our events count in the open election, or in one that our last event does not decide yet. */
  function votes(): boolean {
    if (ordering.state.voters.includes(self)) return true
    return last !== null && ordering.stateOf(ordering.decidedElections(last)).voters.includes(self)
  }

  function create(nowMs: number, parents: readonly Vertex[], observations: EventContent['body']['observations']): void {
    const content = draft(nowMs, parents, observations)
    const insertion = ordering.insert(content, null)
    const { vertex } = insertion
    const decided = ordering.stateOf(ordering.decidedElections(vertex))
    const sealed = {
      ...content,
      attest: { height: decided.height, blockHash: decided.lastBlock },
      // The block that this very event decides may ask for a random value.
      body: withShares(content.body, duties.blockShares()),
    }
    const event: GossipEvent = { ...sealed, id: hashing.event(sealed) }
    ordering.seal(vertex, sealed, event.id)
    last = vertex
    lastOwnMs = nowMs
    quorumSinceMs = null
    out.drafts.push(event)
    record(insertion, event, null)
  }

  function draft(
    nowMs: number,
    parents: readonly Vertex[],
    observations: EventContent['body']['observations'],
  ): EventContent {
    const header = {
      sectionId,
      ...nextEvent(parents),
      createdAtMs: Math.floor(nowMs),
      attest: { height: 0, blockHash: sectionId },
    }
    const preview = graph.preview(header)
    const accusations = malice.accusationsDue(preview, self)
    const { transactions, draw } = submissions.take()
    const items = [...(draw ? [DRAW] : []), ...duties.items()].slice(0, MAX_KEY_ITEMS_PER_EVENT)
    const shares = duties.flipShares(preview).slice(0, MAX_SHARES_PER_EVENT)
    const body = {
      transactions,
      observations: [...accusations, ...observations].slice(0, MAX_OBSERVATIONS_PER_EVENT),
      ...(items.length + shares.length > 0 ? { coin: { items, shares } } : {}),
    }
    return { ...header, body }
  }

  /**
   * Proven malice is accused even when nothing else is to be said, and by members that do not vote as well: they may be
   * the only ones to hold the evidence, which can take more than one event to merge.
   */
  function mustAccuse(parents: readonly Vertex[]): boolean {
    if (!malice.hasUnaccused(last, self, ordering.state.members)) return false
    return parents.length > 0 || malice.accusationsDue(graph.preview(nextEvent(parents)), self).length > 0
  }

  function nextEvent(parents: readonly Vertex[]): GraphEvent {
    return {
      creator: self,
      seq: last ? last.seq + 1 : 0,
      selfParent: last ? ordering.idOf(last) : null,
      otherParents: parents.map((parent) => ordering.idOf(parent)),
    }
  }

  function hasOpenContent(): boolean {
    return ordering.openBallots().length > 0 || ordering.carriers.hasAnyAbove(ordering.state.decidedUpTo)
  }

  function isUndecided(): boolean {
    if (!votes()) return false
    if (last !== null && ordering.decidedElections(last) < ordering.elections - 1) return true
    return hasOpenContent()
  }

  function prospect(parents: readonly Vertex[]): Prospect {
    const isLone = ordering.state.voters.length === 1 && ordering.state.voters[0] === self
    if (parents.length === 0) return isLone ? 'urgent' : 'nothing'
    if (ordering.decidedElections(last) < ordering.elections - 1) return 'urgent'
    const next = graph.preview(nextEvent(parents))
    let absent: ReadonlySet<PeerId> | null = null
    return prospectOf(graph, ordering.current, last, next, (creator) => {
      absent ??= absentVoters(graph, ordering.state)
      return absent.has(graph.creators[creator] as PeerId)
    })
  }

  /** Creates what is due; answers with the time at which something will be. */
  function pace(nowMs: number): number | null {
    if (!ordering.state.members.has(self) || alarm) return null
    const heldUntilMs = catchUp.heldUntilMs(nowMs)
    if (heldUntilMs !== null) return Number.isFinite(heldUntilMs) ? heldUntilMs : null
    if (classic) return paceClassic(classic, nowMs)
    const delayTimes = pacingDelays(delayMs())
    for (;;) {
      const observations = intents.due(last, nowMs)
      const parents = news(graph, last, selfNumber, MAX_OTHER_PARENTS)
      if (!maySpeak(parents)) return null
      if (submissions.isDue || observations.length > 0 || duties.isDue(last) || mustAccuse(parents)) {
        const due = lastOwnMs + delayTimes.betweenSubmissionsMs
        if (due > nowMs) return due
        create(nowMs, parents, observations)
        continue
      }
      if (!isUndecided()) {
        undecidedSinceMs = null
        fruitless = 0
        // Who was a voter and is back: its attestation may be the one that a certificate lacks.
        if (parents.length === 0 || !certificates.lacks(self)) return null
        const due = lastOwnMs + delayTimes.betweenEventsMs
        if (due > nowMs) return due
        create(nowMs, parents, [])
        continue
      }
      undecidedSinceMs ??= nowMs
      const worth = prospect(parents)
      if (worth === 'quorum' || worth === 'complete') quorumSinceMs ??= nowMs
      const state = { lastOwnMs, undecidedSinceMs, quorumSinceMs: quorumSinceMs ?? nowMs, fruitless }
      const due = dueMs(worth, nowMs, delayTimes, state)
      if (due === null || due > nowMs) return due
      fruitless = worth === 'news' ? fruitless + 1 : 0
      create(nowMs, parents, [])
    }
  }

  /** One other-parent an event, as soon as its creator's news are here; what follows goes to one partner every δ. */
  function paceClassic(gossip: ClassicGossip, nowMs: number): number | null {
    const observations = intents.due(last, nowMs)
    if (submissions.isDue || observations.length > 0 || duties.isDue(last)) create(nowMs, [], observations)
    const undecided = isUndecided()
    const fresh = lastHeard === null ? [] : news(graph, last, selfNumber, MAX_OTHER_PARENTS)
    const heard = fresh.find((tip) => tip.creator === lastHeard) ?? fresh[0]
    lastHeard = null
    if (heard && undecided) create(nowMs, [heard], [])
    if (undecided && ordering.state.voters.length === 1) create(nowMs, [], [])
    const behind = dissemination.behind()
    if (behind.length === 0) return null
    const partner = gossip.partner(behind, nowMs)
    if (partner !== null) dissemination.sync(partner)
    return gossip.nextMs
  }

  // Inputs

  function handle(input: Input): void {
    switch (input.kind) {
      case 'message':
        onMessage(input.from, input.message, input.nowMs)
        return
      case 'submit':
        submissions.add(input.transactions, input.draw ?? false)
        return
      case 'draw':
        duties.draw(input.height)
        return
      case 'peerUp':
        fruitless = 0
        dissemination.peerUp(input.peer, input.nowMs)
        return
      case 'peerDown':
        delays.peerDown(input.peer)
        intents.dismiss(input.peer)
        catchUp.peerDown(input.peer)
        intake.peerDown(input.peer)
        backfill.peerDown(input.peer)
        dissemination.peerDown(input.peer, input.nowMs)
        return
      case 'delay':
        delays.measured(input.peer, input.oneWayMs)
        return
      case 'admit':
        intents.admit(input.peer, input.invitation)
        return
      case 'vote':
        intents.vote(input.value)
        return
      case 'leave':
        intents.leave()
        return
      case 'standDown':
        intents.standDown()
        return
      case 'wake':
        intents.wake()
        // With their greeting neighbours forget whom we are connected to.
        dissemination.shareLinks(input.nowMs)
        if (ordering.state.members.size > 1) catchUp.begin(input.nowMs, dissemination.neighbours)
        return
      case 'restore':
        for (const event of input.events) intake.restore(event)
        if (input.ownTip) catchUp.holdFor(input.ownTip)
        out.persist = []
        return
      case 'timer':
        return
    }
  }

  function onMessage(from: PeerId, message: GossipMessage, nowMs: number): void {
    switch (message.kind) {
      case 'events': {
        const before = graph.vertices.length
        for (const event of message.events) intake.receive(from, event)
        lastHeard = graph.creatorOf(from)
        if (dissemination.isConnected(from))
          backfill.answered(from, { isNews: graph.vertices.length > before, more: message.more }, nowMs)
        return
      }
      case 'tips':
        catchUp.onTips(from, message.tips)
        dissemination.onTips(from, message.tips)
        if (dissemination.isConnected(from)) backfill.offered(from, message.tips, nowMs)
        return
      case 'want':
        dissemination.onWant(from, message.ids, message.tips)
        return
      case 'links':
        dissemination.onLinks(from, message.statement)
        return
    }
  }

  function outlineOf(height: number): BlockOutline | undefined {
    const block = ordering.blocks[height - 1]
    if (!block) return undefined
    const { events, ...rest } = block
    const items = events.map((vertex) => ({
      event: ordering.idOf(vertex),
      creator: graph.creators[vertex.creator] as PeerId,
    }))
    return { ...rest, sectionId, previous: ordering.blocks[height - 2]?.hash ?? sectionId, items }
  }

  function step(input: Input, more = false): Output {
    out = collect()
    let nextTimerMs: number | null = null
    if (alarm === null) {
      try {
        nextTimerMs = proceed(input, more)
        ordering.tidy()
      } catch (error) {
        if (!(error instanceof InvariantError)) throw error
        alarm = error.message
      }
    }
    return { ...out, certifiedHeight: certificates.certifiedHeight, nextTimerMs, alarm }
  }

  /** Answers with the time at which something will be due. */
  function proceed(input: Input, more: boolean): number | null {
    handle(input)
    // What was restored says nothing yet: the next input does.
    if (input.kind === 'restore') return input.nowMs
    intents.watch(input.nowMs)
    duties.settleDraws()
    expose(malice.convict(coin.takeBad()))
    if (more) return input.nowMs
    const paced = pace(input.nowMs)
    const asked = backfill.goOn(input.nowMs)
    const fetched = backfill.isUnderWay(input.nowMs) ? null : intake.fetch(input.nowMs)
    const reminded = dissemination.remind(input.nowMs)
    return earliest([paced, asked, fetched, reminded, intents.nextMs(input.nowMs)])
  }

  return {
    step,
    status: () =>
      sectionStatus({
        self,
        sectionId,
        ordering,
        coin,
        certifiedHeight: certificates.certifiedHeight,
        isReachable: dissemination.isReachable,
        pending: submissions.pending,
        waiting: intake.waiting,
      }),
    randomness: duties.drawn,
    holds: (id) => isKnown(id) || intake.isWaiting(id),
    block: outlineOf,
    certificate: (height) => certificates.certificate(height),
    ordering,
  }
}

function withShares(body: EventBody, added: readonly PostedShare[]): EventBody {
  if (added.length === 0) return body
  const { items, shares } = body.coin ?? { items: [], shares: [] }
  return { ...body, coin: { items, shares: [...shares, ...added].slice(0, MAX_SHARES_PER_EVENT) } }
}
