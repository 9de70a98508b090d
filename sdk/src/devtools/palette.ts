/** Colours and shapes of the inspector, light and dark. Shapes tell kinds apart for those who do not see colours. */
import type { EventKind } from './kinds.ts'

export interface Palette {
  readonly ground: string
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly edge: string
  readonly chain: string
  readonly accent: string
  readonly kinds: Readonly<Record<EventKind, string>>
}

export const light: Palette = {
  ground: '#ffffff',
  text: '#171a24',
  quiet: '#5b6275',
  line: '#e4e7f0',
  edge: '#c3c9d9',
  chain: '#8f97ad',
  accent: '#4338ca',
  kinds: {
    fork: '#c01733',
    decides: '#0c8a58',
    observer: '#2563d9',
    voting: '#8fb4f5',
    interesting: '#d98700',
    carrier: '#6b5420',
    plain: '#8f97ad',
  },
}

export const dark: Palette = {
  ground: '#14171f',
  text: '#e9ebf3',
  quiet: '#9aa2b8',
  line: '#262b38',
  edge: '#525c78',
  chain: '#8d97b3',
  accent: '#a5a9ff',
  kinds: {
    fork: '#ff6b7f',
    decides: '#4fd39a',
    observer: '#6ba1ff',
    voting: '#3f62a8',
    interesting: '#ffb63d',
    carrier: '#d8c48c',
    plain: '#77809a',
  },
}

/** SVG paths around 0, 0. */
export const shapes: Readonly<Record<EventKind, string>> = {
  fork: 'M0-7 7 0 0 7-7 0Z',
  decides: 'M-5.5-5.5H5.5V5.5H-5.5Z',
  observer: 'M0-6.5 6 4.5H-6Z',
  voting: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z',
  interesting: 'M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0Z',
  carrier: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z',
  plain: 'M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0Z',
}
