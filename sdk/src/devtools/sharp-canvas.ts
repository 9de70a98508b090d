/** A canvas as sharp as the screen, one unit per CSS pixel, whatever its size. */
import { element } from './dom.ts'

export interface SharpCanvas {
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
  readonly size: { readonly width: number; readonly height: number }
  /** Stops watching its size. */
  close(): void
}

export function createSharpCanvas(attributes: Parameters<typeof element>[1], resized: () => void): SharpCanvas {
  const canvas = element('canvas', attributes ?? {})
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('this browser has no 2D canvas')
  const size = { width: 0, height: 0 }
  const observer = new ResizeObserver(() => {
    const { clientWidth, clientHeight } = canvas
    const scale = globalThis.devicePixelRatio || 1
    size.width = clientWidth
    size.height = clientHeight
    canvas.width = Math.max(1, Math.round(clientWidth * scale))
    canvas.height = Math.max(1, Math.round(clientHeight * scale))
    context.setTransform(scale, 0, 0, scale, 0, 0)
    resized()
  })
  observer.observe(canvas)
  return { canvas, context, size, close: () => observer.disconnect() }
}
