/** The panel with the curves of the last two minutes. */
import { element } from './dom.ts'
import type { Second } from './meter.ts'
import type { Palette } from './palette.ts'
import type { Panel, Scene } from './panel.ts'
import { drawPlot } from './plot.ts'
import { createSharpCanvas } from './sharp-canvas.ts'

interface Curve {
  readonly title: string
  readonly unit: string
  readonly colour: (palette: Palette) => string
  readonly of: (second: Second) => number | null
}

const curves: readonly Curve[] = [
  { title: 'Time to finality', unit: 'ms', colour: ({ kinds }) => kinds.decides, of: ({ latencyMs }) => latencyMs },
  { title: 'Round trip', unit: 'ms', colour: ({ kinds }) => kinds.interesting, of: ({ links }) => links.rttMs },
  { title: 'Voters reachable', unit: '', colour: ({ accent }) => accent, of: ({ links }) => links.reachable },
  { title: 'Transactions', unit: '/s', colour: ({ accent }) => accent, of: ({ transactions }) => transactions },
  { title: 'Blocks', unit: '/s', colour: ({ kinds }) => kinds.decides, of: ({ blocks }) => blocks },
  { title: 'Gossip events', unit: '/s', colour: ({ kinds }) => kinds.observer, of: ({ events }) => events },
]

const SECONDS = 120

export function createPlotPanel(): Panel {
  let scene: Scene | null = null
  const redraw = () => scene && draw(scene)
  const drawn = curves.map((curve) => {
    const sharp = createSharpCanvas({ 'aria-hidden': 'true' }, redraw)
    const value = element('strong')
    const figure = element('figure', {}, element('figcaption', {}, `${curve.title} `, value), sharp.canvas)
    return { curve, sharp, value, figure }
  })
  const root = element(
    'div',
    { class: 'scroll' },
    element('div', { class: 'plots' }, ...drawn.map(({ figure }) => figure)),
    element(
      'p',
      { class: 'quiet' },
      'Time to finality: the median, from an event’s creation by its creator’s clock until its block was here.',
    ),
  )

  function draw({ meter, palette }: Scene): void {
    // The second under way is not whole yet.
    const seconds = meter.seconds.slice(0, -1)
    for (const { curve, sharp, value } of drawn) {
      const values = seconds.map(curve.of)
      const format = (number: number) => `${Number(number.toPrecision(3))} ${curve.unit}`.trim()
      const latest = values.findLast((each) => each !== null)
      value.textContent = latest === undefined || latest === null ? '–' : format(latest)
      const colour = curve.colour(palette)
      drawPlot(sharp.context, sharp.size, { values, length: SECONDS, palette, colour, format })
    }
  }

  return {
    root,
    refresh(now) {
      scene = now
      draw(now)
    },
    close() {
      for (const { sharp } of drawn) sharp.close()
    },
  }
}
