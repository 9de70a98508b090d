/** One small curve on a canvas: a few numbers over two minutes, for which a charting library would be forty times as much. */
import type { Palette } from './palette.ts'

export interface Plotted {
  readonly values: readonly (number | null)[]
  /** As many values as fit from edge to edge. */
  readonly length: number
  readonly palette: Palette
  readonly colour: string
  readonly format: (value: number) => string
}

/** The canvas is scaled so that one unit is one CSS pixel. */
export function drawPlot(
  context: CanvasRenderingContext2D,
  { width, height }: { readonly width: number; readonly height: number },
  { values, length, palette, colour, format }: Plotted,
): void {
  const top = niceAbove(Math.max(1, ...values.map((value) => value ?? 0)))
  const x = (index: number) => ((index + length - values.length) / (length - 1)) * width
  const y = (value: number) => height - 1 - (value / top) * (height - 16)
  context.fillStyle = palette.ground
  context.fillRect(0, 0, width, height)
  context.fillStyle = palette.line
  for (const part of [0, 0.5, 1]) context.fillRect(0, Math.round(y(top * part)), width, 1)
  context.beginPath()
  let isOn = false
  values.forEach((value, index) => {
    if (value === null) isOn = false
    else if (isOn) context.lineTo(x(index), y(value))
    else {
      context.moveTo(x(index), y(value))
      // A single value is a dot.
      context.lineTo(x(index) + 0.5, y(value))
      isOn = true
    }
  })
  context.strokeStyle = colour
  context.lineWidth = 1.75
  context.lineJoin = 'round'
  context.stroke()
  context.fillStyle = palette.quiet
  context.font = '11px system-ui, sans-serif'
  context.textBaseline = 'top'
  context.textAlign = 'left'
  context.fillText(format(top), 4, 2)
}

/** 1, 2 or 5 times a power of ten. */
export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power
}
