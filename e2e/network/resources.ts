/** What a page holds of its browser, counted from before its own scripts run. */

export interface Resources {
  /** Not closed. */
  readonly connections: number
  readonly sockets: number
  readonly channels: number
  /** Timeouts that have not run, and intervals. */
  readonly timers: number
  /** Listeners on the window, the document, connections, channels and sockets, as `Target type`; handler properties as `Target onType`. */
  readonly handlers: readonly string[]
}

declare global {
  var resources: () => Resources
}

/** Runs in the page, by `addInitScript`. */
export function watchResources(): void {
  const timers = new Set<number>()
  const watched = new Set<WeakRef<EventTarget>>()
  const listeners = new WeakMap<EventTarget, Set<string>>()
  const numbers = new WeakMap<object, number>()
  let nextNumber = 0

  const native = { setTimeout, setInterval, clearTimeout, clearInterval } as unknown as Record<
    string,
    (...args: unknown[]) => number
  >
  const replace = (name: string, replacement: (...args: never[]) => unknown) => {
    ;(globalThis as unknown as Record<string, unknown>)[name] = replacement
  }
  replace('setTimeout', (run: (...args: unknown[]) => void, ...rest: unknown[]) => {
    const ran = (...args: unknown[]) => {
      timers.delete(timer)
      run(...args)
    }
    const timer = native['setTimeout']?.call(globalThis, ran, ...rest) as number
    timers.add(timer)
    return timer
  })
  replace('setInterval', (...args: unknown[]) => {
    const timer = native['setInterval']?.call(globalThis, ...args) as number
    timers.add(timer)
    return timer
  })
  for (const name of ['clearTimeout', 'clearInterval'] as const) {
    replace(name, (timer: number) => {
      timers.delete(timer)
      native[name]?.call(globalThis, timer)
    })
  }

  const watch = <Target extends EventTarget>(target: Target): Target => {
    if (!listeners.has(target)) {
      listeners.set(target, new Set())
      watched.add(new WeakRef(target))
    }
    return target
  }
  for (const name of ['RTCPeerConnection', 'WebSocket', 'BroadcastChannel'] as const) {
    globalThis[name] = new Proxy(globalThis[name], {
      construct: (Native, args) => watch(Reflect.construct(Native, args) as EventTarget),
    }) as never
  }
  const closedChannels = new WeakSet<EventTarget>()
  const { close: closeChannel } = BroadcastChannel.prototype
  BroadcastChannel.prototype.close = function (this: BroadcastChannel) {
    closedChannels.add(this)
    closeChannel.call(this)
  }
  const { createDataChannel } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.createDataChannel = function (this: RTCPeerConnection, ...args) {
    return watch(createDataChannel.apply(this, args))
  }
  watch(globalThis as unknown as Window)
  watch(document)

  const nameOf = (listener: unknown, type: string, capture: unknown): string => {
    if (typeof listener !== 'object' && typeof listener !== 'function') return ''
    if (listener === null) return ''
    if (!numbers.has(listener)) numbers.set(listener, nextNumber++)
    const isCapture = typeof capture === 'object' ? (capture as AddEventListenerOptions | null)?.capture : capture
    return `${type} ${isCapture === true} ${numbers.get(listener)}`
  }
  const { addEventListener, removeEventListener } = EventTarget.prototype
  EventTarget.prototype.addEventListener = function (this: EventTarget | undefined, type, listener, options) {
    const target = this ?? globalThis
    if (target instanceof RTCDataChannel) watch(target)
    const known = listeners.get(target)
    const name = nameOf(listener, type, options)
    known?.add(name)
    if (known && typeof options === 'object' && options?.once === true) {
      addEventListener.call(target, type, () => known.delete(name), { once: true })
    }
    addEventListener.call(target, type, listener, options)
  }
  EventTarget.prototype.removeEventListener = function (this: EventTarget | undefined, type, listener, options) {
    const target = this ?? globalThis
    listeners.get(target)?.delete(nameOf(listener, type, options))
    removeEventListener.call(target, type, listener, options)
  }

  const kindOf = (target: EventTarget) => target.constructor.name
  const properties = (target: EventTarget): string[] => {
    const names: string[] = []
    for (const name in target) if (name.startsWith('on') && (target as never)[name] !== null) names.push(name)
    return names
  }
  globalThis.resources = () => {
    const targets: EventTarget[] = []
    for (const reference of watched) {
      const target = reference.deref()
      if (target) targets.push(target)
      else watched.delete(reference)
    }
    const isOpen = (target: EventTarget) =>
      (target instanceof RTCPeerConnection && target.connectionState !== 'closed') ||
      (target instanceof WebSocket && target.readyState !== WebSocket.CLOSED) ||
      (target instanceof BroadcastChannel && !closedChannels.has(target))
    const open = targets.filter(isOpen)
    return {
      connections: open.filter((target) => target instanceof RTCPeerConnection).length,
      sockets: open.filter((target) => target instanceof WebSocket).length,
      channels: open.filter((target) => target instanceof BroadcastChannel).length,
      timers: timers.size,
      handlers: targets.flatMap((target) => [
        ...[...(listeners.get(target) ?? [])].map((name) => `${kindOf(target)} ${name.split(' ')[0]}`),
        ...properties(target).map((name) => `${kindOf(target)} ${name}`),
      ]),
    }
  }
}
